/* entry.h - the text that Redis keeps for an event besides its id and time: kind, author, of, key
 * and body. Pure functions. */
#ifndef REDIS_ENTRY_H
#define REDIS_ENTRY_H

#include "chat/base/event.h"

/* The whole text of the last entry of a removed room's stream; see script.c. */
#define LAST_ENTRY "gone"

void entry_write(struct bytes *to, const struct event *e);
/* Fills in the members that entry_write() writes. Strings point into `text`, which must have a zero
 * behind its n bytes; the key is copied to `key`. False: the text has not this form; then *e has
 * the kind 0 and no body, and event_check() rejects it. */
bool entry_read(struct event *e, char key[ID_MAX + 1], const char *text, size_t n);
/* The time of an entry: ends at the character `end`; *text moves as in decimal_read(). */
bool entry_read_time(const char **text, char end, int64_t *at_ms_out);

#endif

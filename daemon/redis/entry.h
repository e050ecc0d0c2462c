/* entry.h - the text that Redis keeps for an event besides its id and time: kind, author, of, key
 * and body. Pure functions. */
#ifndef REDIS_ENTRY_H
#define REDIS_ENTRY_H

#include "chat/base/event.h"

void entry_write(struct bytes *to, const struct event *e);
/* Fills in the members that entry_write() writes. Strings point into `text`, which must have a zero
 * behind its n bytes; the key is copied to `key`. False: this is no event. */
bool entry_read(struct event *e, char key[ID_MAX + 1], const char *text, size_t n);

#endif

/* item.h - a message as it is now: its event, and a patch that later events have made.
 * The patch is a JSON object whose members replace those of the event's body.
 * Used by: archives, on their own threads: pure functions. Returned strings are new (free() them),
 * NULL without memory or if the stored JSON is damaged. */
#ifndef CHAT_ITEM_H
#define CHAT_ITEM_H

#include "event.h"

#include <jansson.h>

/* The item's JSON text; `patch` may be NULL. False if either is damaged JSON. */
bool item_write(struct bytes *to, const struct event *e, const char *patch);

bool item_is_deleted(const char *patch);
char *item_edited(const char *patch, const struct event *edit);
char *item_deleted(void);

/* Takes the words out of an event's JSON, or of its body's. False: no memory. */
bool item_redact(json_t *event);
/* A body without its words: what is kept of a deleted message and of the edits of it. */
char *body_redacted(const char *body);

#endif

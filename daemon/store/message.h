/* message.h - what other features ask of the log's items. Writer's thread. */
#ifndef STORE_MESSAGE_H
#define STORE_MESSAGE_H

#include "feature.h"

/* Rejects the event (ERR_NOT_FOUND) unless `of` is an item of the room that is not deleted.
 * SQLite's code. */
int store_check_item(struct store *s, const struct event *e, int64_t room, struct verdict *v);

#endif

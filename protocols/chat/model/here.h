/* here.h - the signals by which the members of a room see each other: `here` and `typing`.
 *
 * A change waits some tenths of a second, and longer in a crowd, so that a thousand people who come
 * at once cost a few signals and not a million. Somebody who leaves and is back meanwhile never
 * left. */
#ifndef CHAT_HERE_H
#define CHAT_HERE_H

#include "model.h"

/* Sends the `here` signal of the room, tells other nodes of sessions that came and went, and
 * forgets people who have gone. */
void here_tell(struct room *r);
/* False: the room has its share of typing signals. `except` may be NULL. */
bool here_tell_typing(struct room *r, const char *from, const struct identity *except);

#endif

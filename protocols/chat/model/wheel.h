/* wheel.h - the deadlines of all sessions in one wheel of seconds, in place of a timer each.
 *
 * A session stands in the slot of its next deadline. A message or a pong costs the wheel nothing:
 * timeout.c looks at the session when the slot comes by and puts it where its next deadline is. */
#ifndef CHAT_WHEEL_H
#define CHAT_WHEEL_H

#include "model.h"

void wheel_init(struct chat *chat);
/* Puts the session where its deadline is now; at most WHEEL_SLOTS - 1 seconds ahead. */
void wheel_add(struct session *s);
/* The monotonic second at which the session has to be looked at. */
uint64_t wheel_deadline_s(const struct session *s);
/* Calls for each session. `each` may take it out of the wheel, but add none. */
void wheel_each(struct chat *chat, void (*each)(struct session *s, void *arg), void *arg);

#endif

/* wheel.h - the deadlines of all sessions in one wheel of seconds, in place of a timer each.
 * Loop thread only.
 *
 * A session stands in the slot of its next deadline. A message or a pong costs the wheel nothing:
 * timeout.c looks at the session when its slot comes up, and puts it into the slot of its next
 * deadline. */
#ifndef CHAT_WHEEL_H
#define CHAT_WHEEL_H

#include "model.h"

void wheel_init(struct chat *chat);
/* Puts the session into the slot of its current deadline, at most WHEEL_SLOTS - 1 seconds ahead. */
void wheel_add(struct session *s);
/* The monotonic second of the session's next deadline. */
uint64_t wheel_deadline_s(const struct session *s);
/* Calls `each` for every session, except closing ones that have left the wheel. If `each` moves
 * its session in the wheel, it may get the session a second time. */
void wheel_each(struct chat *chat, void (*each)(struct session *s, void *arg), void *arg);

#endif

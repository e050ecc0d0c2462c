/* member.h - a session in a room: a cursor. Loop thread only. */
#ifndef CHAT_MEMBER_H
#define CHAT_MEMBER_H

#include "model.h"

/* NULL: the session is not in the room. */
struct member *member_find(const struct room *r, const struct session *s);
/* A new member with its cursor after event `seq`, which may be beyond the room's newest: then the
 * client knows more than this node. The session must be named and may be in the room already. NULL:
 * no memory. */
struct member *member_enter(struct room *r, struct session *s, uint64_t seq);
/* `at_once`: the person meant to leave; otherwise they may return in a moment. *m may be NULL. */
void member_leave(struct member **m, bool at_once);
/* `on`: the member gets no events while a second join of its session waits for its answer. NULL is
 * fine. */
void member_hold(struct member *m, bool on);
/* Sends a signal to all members, see sink_tell(). */
void members_tell(struct room *r, const struct bytes *frame);
/* Sends a signal to the members whose socket takes it at once, but not to those of `except` (may be
 * NULL). */
void members_signal(struct room *r, const struct identity *except, const struct bytes *frame);

#endif

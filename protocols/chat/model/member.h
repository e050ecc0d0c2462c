/* member.h - a session in a room: its cursor. */
#ifndef CHAT_MEMBER_H
#define CHAT_MEMBER_H

#include "model.h"

/* NULL: the session is not in the room. */
struct member *member_find(const struct room *r, const struct session *s);
/* A new member whose cursor stands behind event `seq`. NULL: no memory. */
struct member *member_enter(struct room *r, struct session *s, uint64_t seq);
/* `at_once`: the person meant to leave; otherwise they may be back in a moment. NULL is fine. */
void member_leave(struct member **m, bool at_once);
/* Holds the member still while a second join is answered, or lets it go on. NULL is fine. */
void member_hold(struct member *m, bool on);
/* Sends a signal to the members whose socket takes it at once, but not to those of `except`. */
void members_signal(struct room *r, const struct identity *except, const struct bytes *frame);

#endif

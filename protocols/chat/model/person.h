/* person.h - an identity in a room: here while it has a session in the room, on this node or
 * another. Loop thread only. */
#ifndef CHAT_PERSON_H
#define CHAT_PERSON_H

#include "model.h"

/* NULL: the identity is not in the room. */
struct person *person_find(const struct room *r, const struct identity *i);
/* Finds or creates a person. The caller gives a new one a session or a presence, or calls
 * person_changed(), so that the next `here` signal frees it. NULL: no memory. */
struct person *person_get(struct room *r, struct identity *i);
/* Adds a session. NULL: no memory. */
struct person *person_enter(struct room *r, struct identity *i);
/* Removes a session. `at_once`: the person meant to leave. */
void person_leave(struct person *p, bool at_once);
bool person_is_here(const struct person *p);
/* Has the next `here` signal look at the person. */
void person_changed(struct person *p);
/* Has the room tell its changes in `ms`, unless it already has a time for that. */
void people_tell_after(struct room *r, uint64_t ms);
void person_forget(struct person *p);
/* Forgets all people of a room. */
void people_forget(struct room *r);
/* Sets the identity away or back, in all rooms. `at_ms`: wall clock. */
void people_set_away(struct identity *i, bool on, uint64_t at_ms);

#endif

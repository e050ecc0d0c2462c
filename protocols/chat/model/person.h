/* person.h - an identity in a room: here while it has a session in it, on this node or another. */
#ifndef CHAT_PERSON_H
#define CHAT_PERSON_H

#include "model.h"

/* NULL: the identity is not in the room. */
struct person *person_find(const struct room *r, const struct identity *i);
/* Finds or makes one. A new one is kept only by a session, a presence, or person_changed(). NULL:
 * no memory. */
struct person *person_get(struct room *r, struct identity *i);
/* One session more. NULL: no memory. */
struct person *person_enter(struct room *r, struct identity *i);
/* One session less. `at_once`: they meant to leave. */
void person_leave(struct person *p, bool at_once);
bool person_is_here(const struct person *p);
/* The next `here` signal looks at the person. */
void person_changed(struct person *p);
void person_forget(struct person *p);
/* All of a room. */
void people_forget(struct room *r);
/* Switches the identity to away or back, in all rooms. `at_ms`: wall clock. */
void people_set_away(struct identity *i, bool on, uint64_t at_ms);

#endif

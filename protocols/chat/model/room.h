/* room.h - rooms: who is in them, and what was said last. For the files of this folder only. */
#ifndef CHAT_ROOM_H
#define CHAT_ROOM_H

#include "model.h"

struct room *room_create(struct chat *chat, const struct room_seed *seed);
void room_destroy(struct room **room); /* has no members any more */
/* Other title, topic and rules. Without memory they stay as they are. */
void room_set_words(struct room *r, const struct room_seed *seed);
struct room *room_find(const struct chat *chat, const char *name);

/* The event is the newest now; members get it with the next flush. */
void room_append(struct room *r, const struct event *e);
void room_make_dirty(struct room *r);

/* The session's membership, or NULL. */
struct member *room_member(const struct room *r, const struct session *s);
/* A new member whose cursor stands behind event `seq`. NULL: no memory. */
struct member *room_enter(struct room *r, struct session *s, uint64_t seq);
/* `at_once`: it was asked for; else she may be back in a moment. */
void room_leave(struct member **m, bool at_once);

/* Sends one frame now to whoever takes it at once, except to `except`. It may be lost. */
void room_signal(struct room *r, const struct identity *except, const struct bytes *frame);

/* presence.c */
struct person *person_enter(struct room *r, struct identity *i);
void person_leave(struct person *p, bool at_once); /* one session less */
struct person *person_find(const struct room *r, const struct identity *i);
/* The one who is there, or a new one, whom nothing keeps yet. NULL: no memory. */
struct person *person_get(struct room *r, struct identity *i);
void person_changed(struct person *p);
void people_away(struct identity *i, bool on, uint64_t at_ms);
void room_tell_here(struct room *r); /* sends the `here` signal and forgets who has gone */
/* False: too much is typed in this room. `except` may be NULL. */
bool room_tell_typing(struct room *r, const char *from, const struct identity *except);
void room_forget_people(struct room *r);

/* fanout.c */
void member_flush(struct member *m);

#endif

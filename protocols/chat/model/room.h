/* room.h - one room's log in memory: its newest events, its title, topic and rules.
 * Loop thread only. */
#ifndef CHAT_ROOM_H
#define CHAT_ROOM_H

#include "chat/base/event.h"
#include "chat/base/role.h"

struct chat;
struct room;

struct room_seed {
    const char *name, *title, *topic;
    const char *log;    /* of event_log_name() */
    enum role post;     /* the least role that may write */
    uint64_t last;      /* seq of the newest event; 0: none */
    int64_t last_at_ms; /* of that event, or else of the room's creation */
    uint64_t life;      /* how many rooms had this name before */
    uint64_t creator;   /* 0: the configuration */
    const char *before; /* of room_words(): what the configuration said when somebody changed it;
                           NULL: title, topic and post are as it said, or the room is none of it */
};

/* Copies `seed`; no room of this name may exist. NULL: no memory. */
struct room *room_create(struct chat *chat, const struct room_seed *seed);
/* The room must have no members, no people and no standings, and no marker may name it: see
 * removal.h. */
void room_destroy(struct room **room);
/* NULL: no such room. */
struct room *room_find(const struct chat *chat, const char *name);
/* A room, not of the name `except`, whose title people would confuse with this one. NULL: none. */
struct room *room_find_titled(const struct chat *chat, const char *title, const char *except);
/* The log's name as clients know it: a cursor resumes only in a log of the same name. */
void room_log_name(const struct room *r, char name[LOG_NAME_MAX + 1 + BRANCH_MAX + 1]);
/* Title, topic and post in one new string. NULL: no memory. */
char *room_words(const struct room_seed *seed);
/* Whether title, topic and rules are those of `seed`, or were before somebody changed them. */
bool room_is_as(const struct room *r, const struct room_seed *seed);
/* When a room of a person is so old that the clock may remove it, if nobody has written in it (wall
 * clock): limits.room_days after its creation. */
int64_t room_old_ms(const struct room *r);
/* Applies an event of the server's log that creates a room, or changes its title, topic and rules;
 * returns the room. NULL: another kind of event, a damaged one, or no memory. */
struct room *room_apply(struct chat *chat, const struct event *e);

/* Adds the room's newest event; members get it with the next flush. */
void room_append(struct room *r, const struct event *e);
void room_make_dirty(struct room *r);
/* Frees the window of a room that has been quiet for a minute: members then read the archive. */
void room_rest(struct room *r);

/* Has the journal follow the room's log; `seq` is the newest event that the client has, or 0. True:
 * this node has the log, as new as it can be. False: `done` follows. */
bool room_follow(struct room *r, uint64_t seq, void (*done)(void *arg), void *arg);
/* Whether event `seq` may exist, even if this node does not have it. After room_follow(). */
bool room_may_have(const struct room *r, uint64_t seq);
/* Lets the journal stop following a room that has been empty for ten seconds. */
void room_unfollow_if_empty(struct room *r);

#endif

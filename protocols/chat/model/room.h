/* room.h - one room's log in memory: its newest events, its words and rules. */
#ifndef CHAT_ROOM_H
#define CHAT_ROOM_H

#include "chat/base/bytes.h"
#include "chat/base/event.h"
#include "chat/base/role.h"

struct chat;
struct room;

struct room_seed {
    const char *name, *title, *topic;
    const char *log; /* names the log's history: a client cannot resume from another one */
    enum role post;  /* the least role that may write */
    uint64_t last;   /* seq of the newest event; 0: none */
};

/* NULL: no memory. */
struct room *room_create(struct chat *chat, const struct room_seed *seed);
/* It has no members and no people any more. */
void room_destroy(struct room **room);
struct room *room_find(const struct chat *chat, const char *name);
/* Whether title, topic and rules are these. */
bool room_is_as(const struct room *r, const struct room_seed *seed);
/* Applies an event of the server's log that creates a room, or (author 0) changes its words and
 * rules. NULL: the event does not change a room, or no memory. */
struct room *room_apply(struct chat *chat, const struct event *e);

/* Adds the room's newest event; members get it with the next flush. */
void room_append(struct room *r, const struct event *e);
void room_make_dirty(struct room *r);
/* Drops the window of a room that has been quiet for a minute: members then read the archive. */
void room_rest(struct room *r);

/* The journal follows the room's log from here on. True: the log is here, as new as it can be.
 * False: `done` follows. */
bool room_follow(struct room *r, void (*done)(void *arg), void *arg);
/* Nobody has been in the room for some seconds: the journal need not follow it. */
void room_unfollow_if_empty(struct room *r);

#endif

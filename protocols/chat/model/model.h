/* model.h - who points to whom. For the files of this folder only.
 *
 *   chat ── rooms ── members ── session ── identity
 *              └──── people ─────────────────┘
 *
 * A member is one session in one room: a cursor into the room's window. A person is one identity in
 * one room, however many sessions it has there and whatever other nodes say that she is there, too
 * (peers.h). */
#ifndef CHAT_MODEL_H
#define CHAT_MODEL_H

#include "chat/chat.h"
#include "chat/base/json.h"
#include "chat/base/list.h"
#include "chat/base/rate.h"
#include "window.h"

#define WHEEL_SLOTS 128 /* seconds */

struct chat {
    const struct chat_config *config;
    struct nick_rules *nicks;
    void *rooms_by_name;            /* tsearch tree of struct room */
    void *sessions_by_id;           /* tsearch tree of struct session */
    void *identities_by_skeleton;   /* tsearch tree of struct identity */
    struct list rooms;              /* room.in_chat */
    struct list wheel[WHEEL_SLOTS]; /* session.in_wheel */
    struct list dirty_rooms;        /* room.in_dirty: have events to deliver */
    struct list dirty_sessions;     /* session.in_dirty: have replies to deliver */
    struct list due_polls;          /* due_poll.in_chat: open ones that close by the clock */
    void *standings_by_identity;    /* tsearch tree of struct standing */
    struct list standings;          /* see standing.c */
    size_t standing_count;
    uint64_t standings_due_ms; /* when they are looked through */
    struct peers *peers;       /* NULL: this node is alone */
    struct list resting;       /* identity.in_resting: gone, their rates not yet full again */
    uint64_t now_ms;
    int64_t wall_ms;
    uint64_t wheel_s; /* the second up to which the wheel has turned */
    uint64_t next_session;
    size_t room_count;
    bool draining;
    bool unwritable; /* nothing can be stored for now */
    struct chat_stats stats;
};

struct room {
    /* set once */
    char name[ROOM_NAME_MAX + 1]; /* first: the tree compares it */
    struct chat *chat;
    char *title, *topic, *log;
    enum role post; /* the least role that may say something */
    struct list in_chat;
    /* changed by chat_apply() */
    struct window window;
    uint64_t last;
    uint64_t busy_ms; /* when its window last grew */
    struct list in_dirty;
    /* changed by room_enter(), room_leave() */
    struct list members; /* member.in_room */
    size_t member_count;
    bool followed;      /* the journal was told that somebody comes */
    uint64_t left_ms;   /* when the last member went */
    struct list people; /* person.in_room */
    size_t people_count;
    struct list changed;   /* person.in_changed: to be told by the next `here` */
    uint64_t tell_here_ms; /* when; 0: nothing has changed */
    struct rate typing;
};

struct person {
    struct room *room;
    struct identity *identity; /* holds a reference */
    struct list in_room, in_changed, of_identity;
    struct list elsewhere; /* presence.of_person: other nodes where she is */
    unsigned sessions;     /* 0: gone from this node, but she may be back in a moment */
    uint64_t left_ms;      /* when the last one went */
    bool told;             /* the others know that she is here, */
    bool told_away;        /* that she is away, */
    enum role told_role;   /* and what she may */
    bool told_peers;       /* other nodes know that she has a session on this one */
};

struct member {
    struct session *session;
    struct room *room;
    struct person *person;
    struct list in_room, in_session;
    uint64_t offset; /* the cursor in the window, or WINDOW_OUTSIDE */
    uint64_t seq;    /* the newest event that the session has had */
    bool fetching;   /* the archive is reading for it */
    bool held;       /* a join of the same session is about to take its place */
};

struct marker {
    struct room *room;
    uint64_t read;
    bool joined;
};

/* Kept while it has a session or is somewhere a person, if only on another node. */
struct identity {
    char *skeleton; /* first: the tree compares it */
    struct chat *chat;
    char *nick;
    uint64_t id;
    unsigned char token_hash[TOKEN_HASH_BYTES];
    unsigned references; /* sessions and people */
    struct list people;  /* person.of_identity: rooms where she is, or has just left */
    bool away;
    uint64_t away_at_ms; /* wall clock of the switch, later than that of the one before; 0: none */
    int64_t seen_ms;     /* as the archive knows it */
    struct rate rate;
    struct list in_resting; /* of the chat, while nobody refers to it */
    struct list sessions;   /* session.in_identity */
    bool loaded;            /* the archive has been asked for her markers */
    struct marker *markers;
    size_t marker_count;
};

/* NEW --hello--> NAMED --(fault, flood, stop, link)--> CLOSING   (no way back) */
enum session_state { SESSION_NEW, SESSION_NAMED, SESSION_CLOSING };

struct session {
    /* set once */
    uint64_t id; /* first: the tree compares it. Never used again */
    struct chat *chat;
    const struct sink_ops *sink;
    void *peer;
    struct source *source;
    /* the conversation */
    enum session_state state;
    bool busy;   /* a command is being answered off the loop: later ones wait */
    bool choked; /* the socket takes nothing: session_writable() will follow */
    bool deaf;   /* nothing is read: too many of its commands wait */
    bool pinged;
    unsigned pending; /* submits not yet acknowledged */
    struct identity *identity;
    struct list in_identity;
    struct list members; /* member.in_session */
    unsigned member_count;
    struct list waiting; /* waiting.in_session */
    unsigned waiting_count;
    size_t waiting_bytes;
    /* the wire */
    struct bytes out; /* replies and archived events, framed */
    struct list in_dirty;
    struct list in_wheel;
    uint32_t opened_s, heard_s, choked_s; /* on the chat's monotonic clock */
    struct rate rate, errors;
};

#endif

/* model.h - the structs of the chat in memory, and who points to whom. Loop thread only.
 *
 *   chat ── rooms ── members ── session ── identity
 *              └──── people ─────────────────┘
 *
 * A member is one session in one room: a cursor into the room's window. A person is one identity in
 * one room, however many sessions it has there, on this node and (presence.h) on others.
 *
 * For protocols/chat/ only. The comment above a band of fields names the file that changes them. */
#ifndef CHAT_MODEL_H
#define CHAT_MODEL_H

#include "config.h"
#include "window.h"

#include "chat/base/err.h"
#include "chat/base/event.h"
#include "chat/base/heap.h"
#include "chat/base/level.h"
#include "chat/base/list.h"
#include "chat/base/nick.h"
#include "chat/base/rate.h"
#include "chat/base/token.h"

struct person;

#define WHEEL_SLOTS 128 /* seconds */

struct chat_stats {
    size_t rooms, sessions, identities, members;
    size_t nodes; /* the other nodes that are alive */
    uint64_t commands, errors, events, signals, fetches, closed_slow, closed_flood, closed_no_hello;
};

struct chat {
    const struct chat_config *config;
    struct nick_rules *own_nicks; /* NULL: the configuration has them */
    const struct nick_rules *nicks;
    uint64_t now_ms;             /* monotonic */
    int64_t wall_ms, end_ms;     /* chat_clock() */
    char branch[BRANCH_MAX + 1]; /* part of the name of each log; "": none */
    bool draining;
    bool unwritable;        /* the journal stores nothing for now: */
    uint64_t unwritable_ms; /* since then, by now_ms */
    struct chat_stats stats;
    /* room.c */
    void *rooms_by_name; /* tsearch tree of struct room */
    struct list rooms;   /* room.in_chat */
    struct list recent;  /* room.in_recent, by the time of the newest event, the latest last */
    size_t room_count;
    struct heap aging;       /* room.in_aging: rooms of people, by when to look at them */
    uint64_t listings;       /* welcomes so far */
    struct list dirty_rooms; /* room.in_dirty: rooms with events to deliver */
    struct list telling;     /* room.in_telling: rooms that await a `here` signal */
    /* session.c, sink.c */
    void *sessions_by_id; /* tsearch tree of struct session */
    uint64_t next_session;
    struct list dirty_sessions; /* session.in_dirty: sessions to flush */
    /* wheel.c */
    struct list wheel[WHEEL_SLOTS]; /* session.in_wheel */
    uint64_t wheel_s;               /* the second up to which the wheel has turned */
    /* identity.c */
    void *identities_by_skeleton; /* tsearch tree of struct identity */
    struct heap resting;          /* identity.in_resting, by the time at which the rate is full */
    /* standings.c */
    void *standings_by_identity;  /* tsearch tree of struct standing */
    struct heap standings_ending; /* kept.in_ending: those that end by themselves */
    size_t standing_count;
    uint64_t standings_due_ms; /* when standings_tick() next drops ended ones */
    /* due_poll.c: open polls that close by the clock */
    void *due_polls_by_item;    /* tsearch tree of struct due_poll */
    struct heap due_polls;      /* due_poll.in_due */
    unsigned due_polls_asked;   /* submits under way */
    uint64_t due_polls_wait_ms; /* monotonic: no submit before this */
    /* removal.c */
    unsigned removals_asked; /* submits under way */
    /* command/photo.c */
    struct list uploads; /* upload.in_chat: those that are let in and not over */
    /* cluster/ */
    struct cluster *cluster; /* NULL: this node is alone */
    /* A person got their first session on this node, or lost their last. NULL: this node is alone.
     */
    void (*tell_nodes)(struct person *p, bool here);
};

struct room {
    /* set once by room_create() */
    char name[ROOM_NAME_MAX + 1]; /* first: the tree compares it */
    struct chat *chat;
    char *log;
    uint64_t life;    /* how many rooms had this name before, see base/kinds.h */
    uint64_t creator; /* 0: the configuration */
    struct list in_chat;
    /* room.c: changed by events */
    char *title, *topic;
    char *skeleton, *look; /* the title's keys: nick_of_title(); "" if it has none */
    char *before;          /* see struct room_seed */
    char *words;    /* the folded form of name, title and topic, which a search looks through */
    enum role post; /* the least role that may write */
    struct window window;
    uint64_t last; /* seq of the newest event */
    int64_t last_at_ms;
    struct list in_recent;
    struct heap_link in_aging; /* wall clock */
    bool configured;           /* it is in the configuration: nobody removes it */
    uint64_t listed;           /* the welcome that has named it last: chat.listings */
    uint64_t busy_ms;          /* when the window last grew */
    struct list in_dirty;
    /* member.c */
    struct list members; /* member.in_room */
    size_t member_count;
    uint64_t left_ms; /* when the last member left */
    bool followed;    /* the journal follows the room's log */
    /* person.c, here.c */
    struct list people; /* person.in_room */
    size_t people_count;
    struct list changed;    /* person.in_changed: people for the next `here` signal */
    struct list in_telling; /* while anybody has changed */
    uint64_t tell_here_ms;  /* when the signal is due */
    struct rate typing;
    struct list standings; /* standings.c: kept.of_room */
    struct list due_polls; /* due_poll.c: due_poll.of_room */
    /* pins.c */
    struct bytes pins;     /* uint64_t: the seqs of the pinned items, the newest pin first */
    bool pins_known;       /* … as the archive has them */
    uint64_t pins_changes; /* counts what may have changed them */
};

struct person {
    struct room *room;
    struct identity *identity; /* holds a reference */
    struct list in_room, in_changed, of_identity;
    struct list elsewhere; /* presence.of_person: other nodes where the person is */
    unsigned sessions;     /* on this node; 0: the person may return in a moment */
    uint64_t left_ms;      /* when the last session left */
    /* as the last `here` signal had it */
    bool announced, announced_away;
    bool announced_to_nodes; /* the other nodes know that the person has a session here */
    enum role announced_role;
};

struct member {
    struct session *session;
    struct room *room;
    struct person *person;
    struct list in_room, in_session;
    uint64_t offset;  /* the cursor in the window, or WINDOW_OUTSIDE */
    uint64_t seq;     /* the newest event that the session has */
    bool fetching;    /* the archive is reading events for it */
    bool held;        /* a second join of the session may replace it */
    bool here_missed; /* the session was blocked: here.c */
};

struct marker {
    struct room *room;
    uint64_t read;
    uint64_t
        backs; /* how many times the person has set it back: of two, the one with more counts */
    bool joined;
    enum level level; /* setting.c */
};

/* Lives while it has a session or is a person in a room, if only on another node, and then until
 * its rate is full again. */
struct identity {
    char *skeleton; /* first: the tree compares it */
    struct chat *chat;
    char *nick;
    uint64_t id;
    unsigned char token_hash[TOKEN_HASH_BYTES];
    int64_t seen_ms; /* wall clock of the last claim */
    unsigned references;
    bool away;
    bool loaded; /* it has its token and its markers; false: only other nodes spoke of it */
    struct heap_link in_resting; /* while nothing refers to it */
    struct rate rate, reading;
    struct list sessions; /* session.in_identity */
    struct list people;   /* person.of_identity */
    uint64_t away_at_ms;  /* wall clock of the last switch of `away`, growing; 0: never */
    uint64_t pause_ms;    /* setting.c: the person wants to be told of nothing until then */
    /* marker.c */
    struct marker *markers;
    size_t marker_count;
};

/* NEW --hello--> NAMED --(fault, flood, stop, link)--> CLOSING   (no way back) */
enum session_state { SESSION_NEW, SESSION_NAMED, SESSION_CLOSING };

struct session {
    /* set once by session_open() */
    uint64_t id; /* first: the tree compares it. Never reused */
    struct chat *chat;
    const struct sink_ops *ops;
    void *peer;
    struct source *source;
    uint32_t opened_s; /* this and the other seconds are on the monotonic clock */
    enum session_state state;
    struct identity *identity;
    struct list in_identity;
    /* member.c */
    struct list members; /* member.in_session */
    unsigned member_count;
    /* command/ */
    bool busy;        /* a command waits for its answer from off the loop: later ones wait */
    unsigned pending; /* submits without an answer */
    struct rate rate, reading, errors;
    bool read_paused; /* the backlog is long */
    /* backlog.c */
    struct list waiting; /* waiting.in_session */
    unsigned waiting_count;
    size_t waiting_bytes;
    /* sink.c */
    struct bytes out; /* replies and archived events, framed */
    struct list in_dirty;
    bool write_blocked; /* session_writable() will follow */
    uint32_t blocked_s; /* since when */
    /* wheel.c */
    struct list in_wheel;
    uint32_t heard_s; /* when the client last sent anything */
    bool pinged;      /* and has not answered yet */
};

_Static_assert(offsetof(struct room, name) == 0, "the tree compares it");
_Static_assert(offsetof(struct identity, skeleton) == 0, "the tree compares it");
_Static_assert(offsetof(struct session, id) == 0, "the tree compares it");

#endif

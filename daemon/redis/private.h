/* private.h - the structs that the files of this folder share. The way of an event:
 *
 *   submit -> outbox -> (script) -> awaited -.
 *                                            +-> copy (store) -> chat -> done
 *   channel, or read ------> order ----------'
 *
 * A file calls only files of the lines below its own:
 *
 *   journal                    timers, links, life; the face to the app
 *   ending                     streams of rooms that are gone
 *   fence, channel             the generation; the link that hears
 *   seal, bus                  closes old generations; words between nodes
 *   offer, read, submit        gives old streams what they lack; reads a stream; the outbox
 *   order                      events that come by the channel
 *   copy                       a stream's events into the store
 *   stage, secret, ticket, node, photo, wall
 *                              the journal's state; secrets; one submit; other daemons; pieces of
 *                              photos; Redis's clock
 *   stream, follower           a room's log; members who wait for it
 *   soon, script, newest       the 20 ms timer; Lua; the newest number of a stream
 *   link                       one connection
 *   watch, call                hiredis on libuv; one command
 *   keys, entry, seq           names in Redis; an event's text; numbers
 *
 * Loop thread only. */
#ifndef REDIS_PRIVATE_H
#define REDIS_PRIVATE_H

#include "chat/base/list.h"
#include "chat/chat.h"
#include "chat/model/journal.h"
#include "clock.h"
#include "config/conf.h"
#include "keys.h"
#include "link.h"
#include "script.h"
#include "seq.h"
#include "store/meta.h"

#include <uv.h>

/*             .- another generation, or a lost stream -.
 *             v                     |                  |
 *   AWAY --> FENCING --answered--> SEALING --sealed--> LIVE
 *    ^        |                     |                  |
 *    '--------+------ link lost ----+------------------'
 *
 * Events are submitted from SEALING on; a room goes on from an old generation to the next when the
 * stage is LIVE. FENCING also ends if Redis has just started (WAIT_S in fence.c). stage_set()
 * checks each step. */
enum redis_stage { STAGE_AWAY, STAGE_FENCING, STAGE_SEALING, STAGE_LIVE };

/* Whether the room's channel is heard, and the stream is read to its end:
 *
 *                     .-------- link lost --------+---------------------.
 *                     v                           |                     |
 *   QUIET --follow--> JOINING --confirmed------> HEARD --read to end--> LIVE
 *    ^                 ^                          | ^                   |
 *    | left,           | left,                    | '-torn, generation--+
 *    | link lost       | link lost                |                     |
 *   LEAVING --follow-> RETURNING                  | unfollow            |
 *    ^                                            |                     |
 *    '--------------------------------------------+---------------------'
 *
 * JOINING: SUBSCRIBE is on its way, or waits for the link; a room that empties while the link is
 * away goes back to QUIET. LEAVING: UNSUBSCRIBE is on its way, and RETURNING waits for its end, as
 * hiredis knows a channel once. LIVE: the channel brings each event in its turn. Members are here
 * from RETURNING on, the channel is heard from HEARD on. stream_move() checks each step. */
enum stream_state {
    STREAM_QUIET,
    STREAM_LEAVING,
    STREAM_RETURNING,
    STREAM_JOINING,
    STREAM_HEARD,
    STREAM_LIVE
};

struct journal {
    /* set once by redis_journal_create() and attach() */
    const struct journal_config *config;
    const struct conf_redis *redis;
    struct store *store;
    uv_loop_t *loop;
    struct chat *chat;
    char id[17]; /* of this process, random */
    uint64_t begun_ms;
    /* links and timers */
    struct redis_link *ask, *hear, *pieces; /* `pieces`: photos only */
    uv_timer_t soon, second;
    uv_timer_cb on_soon;
    unsigned seconds; /* since the journal is ready */
    bool ending;
    /* health: stage.c */
    enum redis_stage stage;
    bool fence_wanted;     /* `soon` calls fence_begin() */
    bool refused;          /* Redis refuses to write: */
    char refusal[64];      /* with the code of its answer */
    bool is_ready;         /* config->ready was called */
    char logged_fault[64]; /* "": none */
    uint64_t live_ms;      /* when the stage became LIVE */
    bool knows_nodes;      /* it was LIVE for so long that every other node was heard */
    /* Redis as the fence met it last: fence.c */
    bool other_chat;           /* it holds one */
    bool other_branch;         /* it has one that this node's events are not of */
    bool volatile_log, evicts; /* by its own settings */
    int64_t fence_asked_ms;    /* by clock_now_ms() */
    struct store_meta meta;    /* its generation is the highest ever seen */
    uint64_t gen;              /* of new events; 0: unknown */
    bool log_lost;             /* Redis has lost a stream of it: the fence begins the next one */
    struct scripts scripts;
    /* Redis's clock, which all nodes share: wall.c */
    struct clock clock;
    int64_t clock_asked_ms;  /* by clock_now_ms(); 0: no question is on its way */
    bool clock_is_rough;     /* the next answer says it again */
    uint64_t ahead_count;    /* events that were dated far ahead of it: copy.c */
    int64_t ahead_logged_ms; /* by clock_now_ms(); 0: never */
    /* old generations: seal.c, offer.c */
    uint64_t sealed;     /* the generation whose predecessors are closed */
    uint64_t seal_by_ms; /* from then on no missing node is waited for */
    bool sealing;        /* the script "seal" was asked and has not answered */
    bool offered;        /* this node has begun to offer its tails */
    bool offer_failed;   /* Redis has not taken all of them */
    size_t offers;       /* not answered yet */
    void (*on_offered)(struct journal *j);
    /* streams */
    void *by_name;         /* tsearch tree of struct stream */
    struct list streams;   /* stream.in_all */
    struct list gone;      /* stream.in_all: have ended, and ending_clear() follows */
    struct list cleared;   /* stream.in_all: kept, since answers on their way point to them */
    struct list behind;    /* stream.in_behind: `soon` reads them */
    struct stream *server; /* that of SERVER_LOG */
    /* submits */
    struct list outbox; /* ticket.in_list: not numbered yet, in the order of the submits */
    size_t tickets;     /* in the outbox and awaited */
    bool resend;        /* the outbox has tickets that must be sent (again) */
    /* nodes */
    struct list nodes;             /* node.in_journal */
    uint64_t probed_ms, echoed_ms; /* the link `hear` was tested, and brought a message */
};

/* A room's log in Redis, and how far this node has copied it. */
struct stream {
    char name[ROOM_NAME_MAX + 1]; /* first: the tree compares it. SERVER_LOG: the server's */
    uint64_t life;                /* how many rooms had this name before */
    char place[PLACE_MAX + 1];    /* in the keys of Redis */
    struct journal *journal;
    struct list in_all, in_behind;
    enum stream_state state;
    uint64_t gone_at; /* not 0: the server's log has removed the room by this event */
    uint64_t gen;     /* whose stream is read */
    uint64_t taken;   /* the newest event that was given to the store; 0: none */
    uint64_t copied;  /* the newest that the store has and the chat knows */
    uint64_t want;    /* the newest that is known to exist */
    /* independent of the state: a stream is read and copied whether it is heard or not */
    size_t storing;       /* events given to the store and not answered yet */
    bool torn;            /* the store has refused one; those given behind it fail, too */
    bool reading;         /* an XRANGE is on its way */
    bool compared;        /* since the stage is LIVE: its end is known, or was read */
    uint64_t reads;       /* XRANGEs so far */
    bool unsettled;       /* Redis may lack some of the room's secrets, or have ended ones */
    uint64_t settle_from; /* they are compared when this event is copied; 0: not yet */
    uint64_t surplus;     /* no other node has the events from here on; 0: there are none */
    size_t held_count;
    struct list held;      /* held.in_stream: came by the channel, out of turn */
    struct list awaited;   /* ticket.in_list: numbered, not copied yet */
    struct list followers; /* follower.in_stream */
};
_Static_assert(offsetof(struct stream, name) == 0, "the tree compares streams as strings");

/* A submit. The strings of its event lie behind it. */
struct ticket {
    struct journal *journal;
    struct list in_list; /* the outbox, or stream.awaited */
    struct stream *stream;
    struct event e;
    struct redis_key key; /* under which Redis remembers the submit */
    bool asked;           /* the script is on its way */
    bool again;           /* Redis remembered it: the store knows what became of the event */
    uint64_t void_seq;    /* what Redis remembered was refused: the key is free; 0: no such */
    journal_done *done;
    void *arg;
};

/* Another daemon. */
struct node {
    struct list in_journal;
    char id[17];
    uint64_t heard_ms;
};

#endif

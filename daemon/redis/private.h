/* redis_inside.h - what the files of the Redis journal share. The way of an event:
 *
 *   submit -> outbox -> (script) -> awaited -.
 *                                            +-> copy (store) -> chat_apply -> done
 *   channel or stream ------> in order ------'
 *
 * redis_submit.c: submits. redis_log.c: one log in order; redis_stream.c reads it, redis_copy.c
 * takes it in. journal_redis.c: the state of the whole. redis_fence.c: which generation it is;
 * redis_offer.c: what the old ones still lack. redis_poll.c: keys of polls. redis_bus.c: nodes
 * among themselves. Loop thread only. */
#ifndef REDIS_INSIDE_H
#define REDIS_INSIDE_H

#include "chat/base/list.h"
#include "config/conf.h"
#include "journal.h"
#include "link.h"
#include "wire.h"
#include "store/store.h"

#include <uv.h>

/* AWAY --connected--> FENCING --generation known--> SEALING --all have offered--> LIVE. A lost
 * connection leads back to AWAY, a foreign generation to FENCING. Events are submitted from SEALING
 * on; a log goes on from an old generation to the next when it is LIVE. */
enum redis_stage { STAGE_AWAY, STAGE_FENCING, STAGE_SEALING, STAGE_LIVE };

enum script { SCRIPT_SUBMIT, SCRIPT_FENCE, SCRIPT_OFFER, SCRIPT_SEAL, SCRIPTS };

struct script_slot {
    struct journal *journal;
    char sha[41]; /* by which Redis knows it */
};

struct journal {
    const struct journal_config *config;
    uv_loop_t *loop;
    struct chat *chat;
    struct redis_link *ask, *hear;
    uv_timer_t soon, second;
    enum redis_stage stage;
    bool ending, was_live, refused;
    bool other_chat;           /* Redis holds one, as it was met last */
    bool volatile_log, evicts; /* by its own settings, as it was met last */
    bool told_ready;
    const char *told_fault;
    uint64_t begun_ms;
    int64_t fenced_wall_ms; /* Redis's clock at the fence; 0: not known. All nodes go by it, */
    uint64_t fenced_ms;     /* counted on from here by a clock that does not jump */
    unsigned seconds;       /* since then */
    struct store_meta meta; /* its generation is the highest ever seen */
    uint64_t gen;           /* that events get now; 0: not known yet */
    struct script_slot scripts[SCRIPTS];
    /* logs */
    void *by_name;         /* tsearch tree of struct stream */
    struct list streams;   /* stream.in_all */
    struct list behind;    /* stream.in_behind: to be read when `soon` is over */
    struct stream *server; /* the server's own log */
    /* submits */
    struct list outbox; /* ticket.in_list: not numbered yet, in the order given */
    size_t tickets;     /* in the outbox and awaited */
    bool resend;        /* the outbox has some that were asked for in vain */
    /* the fence */
    bool offered;        /* what the old generations may lack: it is on its way */
    bool offer_failed;   /* not all of it was taken */
    bool sealing;        /* asked for, not yet answered */
    size_t offers;       /* not yet answered */
    bool knows_nodes;    /* it was live for so long that it has heard of all others */
    uint64_t live_ms;    /* when it became so */
    uint64_t sealed;     /* the generation whose predecessors are closed */
    uint64_t seal_by_ms; /* then the old generation is closed, whoever is missing */
    /* nodes */
    char id[17]; /* of this process, random */
    struct list nodes;
    uint64_t probed_ms, echoed_ms; /* what we tell ourselves through the link that hears */
};

struct stream {
    char name[ROOM_NAME_MAX + 1]; /* first: the tree compares it; SERVER_LOG */
    struct journal *journal;
    struct list in_all, in_behind;
    uint64_t gen;         /* whose stream is followed */
    uint64_t taken;       /* the newest that was given to the store; 0: none */
    uint64_t copied;      /* the newest that the store has, and the chat was told */
    uint64_t want;        /* known to exist */
    size_t storing;       /* given and not yet answered */
    bool torn;            /* the store has refused one: what was given behind it is lost, too */
    bool wanted;          /* somebody is here: the channel is heard */
    bool hearing;         /* Redis has confirmed it */
    bool leaving;         /* UNSUBSCRIBE is on its way: hiredis knows a channel once */
    bool reading;         /* the stream is being read */
    uint64_t surplus;     /* from here on nobody has it but this node; 0: nothing */
    bool keys_unsettled;  /* of its polls: Redis may have lost some, or have some again */
    uint64_t settle_from; /* they are compared when so much is copied; 0: not yet */
    bool live;            /* the stream was read to its end while the channel was heard */
    size_t held_count;
    struct list held;      /* held.in_log: came by the channel, out of turn */
    struct list awaited;   /* ticket.in_list: numbered, not copied yet */
    struct list followers; /* follower.in_log */
};

/* A submit. Its strings are its own, behind it. */
struct ticket {
    struct journal *journal;
    struct list in_list; /* the outbox, or stream.awaited */
    struct stream *stream;
    struct event e;
    char idem[REDIS_KEY_MAX];
    bool asked; /* the script is on its way */
    bool again; /* Redis knew the key: what became of it must be looked up */
    journal_done *done;
    void *arg;
};

/* --- redis_log.c ---------------------------------------------------------------------------- */

/* The log of that name, made if need be; NULL: no memory. */
struct stream *stream_of(struct journal *j, const char *name);
struct stream *stream_find(const struct journal *j, const char *name);
void stream_destroy_all(struct journal *j);
/* The number that comes next, if the stream has not gone on to another generation. */
uint64_t stream_next(const struct stream *s);
/* To be read when `soon` is over. */
void stream_behind(struct stream *s);
/* Takes what was held back, as far as it follows. */
void stream_take_held(struct stream *s);
/* Lets those go on who wait for what is copied by now. */
void stream_release(struct stream *s, uint64_t copied);
/* It exists up to `seq`: read soon, if the channel does not bring it. */
void stream_expect(struct stream *s, uint64_t seq);
/* An event came by the channel. Copies. */
void stream_hear(struct stream *s, const struct event *e);
/* The channel is heard no more; or, confirmed, again. */
void stream_deaf(struct stream *s);
void stream_heard_from(struct stream *s);
/* Answers those who wait, without Redis. */
void stream_release_followers(struct stream *s);
/* journal_ops */
bool journal_follow(struct journal *j, const char *room, void (*done)(void *arg), void *arg);
void journal_unfollow(struct journal *j, const char *room);
/* It is confirmed that the channel is left. */
void stream_left(struct stream *s);

/* --- redis_copy.c --------------------------------------------------------------------------- */

/* The event that comes next. False: the store takes nothing now. */
bool stream_take(struct stream *s, const struct event *e);
/* What is missing before this event. */
bool stream_take_gap(struct stream *s, const struct event *before);
/* The ticket was numbered: it waits until that is copied. */
void stream_await(struct stream *s, struct ticket *t);

/* --- redis_stream.c ------------------------------------------------------------------------- */

/* Reads on from what was taken, if that is possible now. */
void stream_read(struct stream *s);
/* Asks Redis for the newest number of the log: the last event of a quiet room cannot be missed. */
void stream_compare_top(struct stream *s);

/* --- redis_fence.c -------------------------------------------------------------------------- */

/* Learns the generation; begins a new one if Redis is another than before. */
void fence_begin(struct journal *j);
/* Goes on with it, if it is time to. */
void fence_look(struct journal *j);
/* Tells that this node is one of a set of the generation: "come", "offered". */
void fence_note(struct journal *j, const char *set);

/* What is said of settings that would lose what Redis has promised to keep. */
#define REDIS_VOLATILE "redis appendonly=no: what no node has copied is lost when Redis stops"
#define REDIS_EVICTS   "redis maxmemory-policy: anything but noeviction may throw messages away"

/* --- redis_offer.c -------------------------------------------------------------------------- */

/* What the streams of old generations lack, and the store has. */
void offer_all(struct journal *j);
/* What came too late for that is said again, as new. */
void offer_again(struct stream *s);

/* --- redis_poll.c --------------------------------------------------------------------------- */

/* journal_ops.poll_key */
void journal_secret(struct journal *j, const char *room, uint64_t poll, void (*done)(void *arg),
                    void *arg);
/* An event has come into the store: the key of a poll comes or goes with it. */
void polls_copied(struct stream *s, const struct store_written *w);
/* The stream was read to its end: in a new generation, keys are compared with Redis's, once all
 * that was read is copied. */
void polls_up_to_date(struct stream *s);
void polls_settle(struct stream *s);

/* --- redis_bus.c ---------------------------------------------------------------------------- */

#define NODES_MAX 64

struct node {
    struct list in_journal;
    char id[17];
    uint64_t heard_ms;
};

void bus_up(struct journal *j);
void bus_down(struct journal *j);
/* SUBSCRIBE to the channels of these logs. */
void bus_subscribe(struct journal *j, struct stream *const *logs, size_t n);
/* UNSUBSCRIBE from one that is heard. False: the link is down, nothing is heard. */
bool bus_unsubscribe(struct journal *j, const struct stream *s);
void bus_probe(struct journal *j);
/* Those not heard of for long, or all. */
void bus_forget_nodes(struct journal *j, bool all);

/* --- redis_submit.c and journal_redis.c
 * ------------------------------------------------------------------------ */

void journal_set_stage(struct journal *j, enum redis_stage stage);
/* journal_ops.submit */
enum err journal_submit(struct journal *j, const struct event *e, journal_done *done, void *arg);
/* Redis takes nothing for now, and says why. */
void journal_refuse(struct journal *j, const char *why);
/* Says again what was said in an old generation that is closed: it gets a new number. */
void journal_repeat(struct journal *j, const struct event *e);
/* Sends what of the outbox is not on its way. */
void journal_send(struct journal *j);
void journal_soon(struct journal *j);
redisCallbackFn redis_ignore; /* an answer that nobody needs */
/* Answers the ticket and frees it. */
void ticket_finish(struct ticket *t, enum err err, uint64_t seq, int64_t at_ms);
/* The store has judged the event that the ticket waits for. */
void ticket_judged(struct ticket *t, const struct store_written *w);
/* Back to the front of the outbox, to be numbered anew. */
void ticket_return(struct ticket *t);

/* --- redis_script.c ------------------------------------------------------------------------- */

void scripts_load(struct journal *j);
/* argv[0] and argv[1], and their lengths if given, are filled in. */
bool script_ask(struct journal *j, enum script which, redisCallbackFn *cb, void *arg, int argc,
                const char **argv, size_t *lengths);

#endif

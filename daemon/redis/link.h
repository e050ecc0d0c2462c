/* redis_link.h - one connection to Redis on the daemon's loop: it comes up, is given up when it
 * stays silent, and is tried again with backoff and jitter. hiredis's rules are kept here (its
 * callbacks come with a NULL reply when the link goes; a context is freed from outside its own
 * callbacks only). Used by: journal_redis.c. Loop thread only. */
#ifndef REDIS_LINK_H
#define REDIS_LINK_H

#include <hiredis/async.h>
#include <stdbool.h>
#include <stddef.h>

struct uv_loop_s;
struct conf_redis;
struct redis_call;
struct redis_link;

struct redis_link_ops {
    void (*up)(void *arg);   /* authenticated, the database is chosen */
    void (*down)(void *arg); /* after up() only; what was asked has been answered with NULL */
};

/* Begins to connect. `conf`, `name` (for the log) and `ops` are borrowed. NULL: no memory. */
struct redis_link *redis_link_create(struct uv_loop_s *loop, const struct conf_redis *conf,
                                     const char *name, const struct redis_link_ops *ops, void *arg);
/* Everything asked is answered with NULL; no callback comes after it. The loop must run on until
 * its handles are closed; the memory is freed there. */
void redis_link_destroy(struct redis_link **link);

/* A link that has ended, NULL, is down for good: here and below. */
bool redis_link_is_up(const struct redis_link *link);

/* Asks; `cb` is called once, with NULL if the link goes down before the answer. False: the link is
 * down, or no memory; `cb` will not be called. A `cb` of NULL: the answer does not matter. */
bool redis_link_ask(struct redis_link *link, const struct redis_call *call, redisCallbackFn *cb,
                    void *arg);
/* SUBSCRIBE and UNSUBSCRIBE: `cb` is called for each answer and message until it gets a NULL. */
bool redis_link_subscribe(struct redis_link *link, const struct redis_call *call,
                          redisCallbackFn *cb, void *arg);

/* Sends what was asked in this turn of the loop. Before it sleeps, each time. */
void redis_link_flush(struct redis_link *link);

/* The other side is not what it should be: from the next turn of the loop on it is down, and is
 * connected anew. */
void redis_link_give_up(struct redis_link *link, const char *why);

#endif

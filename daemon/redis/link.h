/* link.h - one connection to Redis on the daemon's loop. It is given up when Redis stays silent,
 * and connects again with backoff and jitter. link.c keeps hiredis's rules: a callback gets a NULL
 * reply when the connection ends; a context is freed outside of its own callbacks only.
 * Loop thread only. */
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
    void (*up)(void *arg);   /* Redis has accepted the password, and the database is chosen */
    void (*down)(void *arg); /* after up() only; open questions have got their NULL before */
};

/* Begins to connect. Borrows `conf`, `name` (for the log) and `ops`. NULL: no memory. */
struct redis_link *redis_link_create(struct uv_loop_s *loop, const struct conf_redis *conf,
                                     const char *name, const struct redis_link_ops *ops, void *arg);
/* Open questions get NULL; no callback comes later. The loop must run on until the handles are
 * closed, which frees the link. */
void redis_link_destroy(struct redis_link **link);

/* Here and below, a link that is NULL is down. */
bool redis_link_is_up(const struct redis_link *link);

/* Asks; `cb` is called once, with NULL if the link goes down before the answer. False: the link is
 * down, or no memory; `cb` will not be called. A `cb` of NULL: the answer does not matter. */
bool redis_link_ask(struct redis_link *link, const struct redis_call *call, redisCallbackFn *cb,
                    void *arg);
/* SUBSCRIBE and UNSUBSCRIBE: `cb` is called for each answer and message until it gets a NULL. */
bool redis_link_subscribe(struct redis_link *link, const struct redis_call *call,
                          redisCallbackFn *cb, void *arg);

/* Sends the questions of this turn of the loop. Must be called each time before the loop sleeps. */
void redis_link_flush(struct redis_link *link);

/* Why the link is down, without what only the operator may see: "Redis is away", or the code that
 * Redis has answered, "Redis refuses: NOAUTH". Borrowed until the link goes down again. */
const char *redis_link_fault(const struct redis_link *link);
/* Bytes of the code that an answer of Redis begins with, NOAUTH for example; 0: it has none. */
int redis_code_bytes(const char *answer);

/* Redis gives answers that make no sense, or none: the link goes down in the next turn of the loop,
 * and connects again. Logs `why`. */
void redis_link_give_up(struct redis_link *link, const char *why);

#endif

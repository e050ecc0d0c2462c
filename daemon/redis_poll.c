/* redis_poll.c - the keys of polls, which make voters of identities (chat/poll.h). All nodes need
 * the same: Redis keeps that of an open poll in a hash of its room, and the submit that ends the
 * poll takes it out in the same step. Each node has it in its store, too, as long; so Redis gets it
 * back when it has lost all. See redis_inside.h. */
#include "redis_inside.h"

#include "log.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct poll_question {
    struct log *log;
    uint64_t poll;
    void (*done)(void *arg);
    void *arg;
};

static void on_key(redisAsyncContext *redis, void *raw, void *arg)
{
    struct poll_question *q = arg;
    const redisReply *reply = raw;
    unsigned char key[POLL_KEY_BYTES];
    size_t n = 0;
    (void)redis;
    bool there = reply != NULL && reply->type == REDIS_REPLY_STRING &&
                 sodium_hex2bin(key, sizeof key, reply->str, reply->len, NULL, &n, NULL) == 0 &&
                 n == sizeof key;
    if (!there || !store_keep_poll_key(q->log->journal->config->store, q->log->name, q->poll, key,
                                       q->done, q->arg))
        q->done(q->arg);
    sodium_memzero(key, sizeof key);
    free(q);
}

void journal_poll_key(struct journal *j, const char *room, uint64_t poll, void (*done)(void *arg),
                      void *arg)
{
    char keys[REDIS_KEY_MAX], id[REDIS_ID_MAX];
    const char *argv[] = {"HGET", keys, id};
    struct log *l = log_find(j, room);
    struct poll_question *q = l == NULL ? NULL : malloc(sizeof *q);
    redis_polls_key(keys, j->config->redis->prefix, room);
    redis_id_write(id, poll);
    if (q != NULL)
        *q = (struct poll_question){l, poll, done, arg};
    if (q == NULL || !redis_link_ask(j->ask, on_key, q, 3, argv, NULL)) {
        free(q);
        done(arg);
    }
}

static void nobody_waits(void *arg) { (void)arg; }

/* A node that did not know yet of the end may have given the key back meanwhile. */
static void take_out(struct log *l, uint64_t poll)
{
    char keys[REDIS_KEY_MAX], id[REDIS_ID_MAX];
    const char *argv[] = {"HDEL", keys, id};
    redis_polls_key(keys, l->journal->config->redis->prefix, l->name);
    redis_id_write(id, poll);
    redis_link_ask(l->journal->ask, redis_ignore, NULL, 3, argv, NULL);
}

void polls_copied(struct log *l, const struct event *e)
{
    if (e->kind == EVENT_POLL)
        journal_poll_key(l->journal, l->name, e->seq, nobody_waits, NULL);
    if (e->kind == EVENT_POLL_CLOSED || e->kind == EVENT_DELETE)
        take_out(l, e->of);
}

static void on_keys(void *arg, enum err err, const struct store_poll_key *all, size_t n)
{
    struct journal *j = arg;
    char keys[REDIS_KEY_MAX], id[REDIS_ID_MAX], hex[2 * POLL_KEY_BYTES + 1];
    const char *argv[] = {"HSETNX", keys, id, hex};
    if (err != OK)
        log_error("redis polls: their keys cannot be read");
    for (size_t i = 0; i < n; i++) {
        redis_polls_key(keys, j->config->redis->prefix, all[i].room);
        redis_id_write(id, all[i].poll);
        sodium_bin2hex(hex, sizeof hex, all[i].key, POLL_KEY_BYTES);
        redis_link_ask(j->ask, redis_ignore, NULL, 4, argv, NULL);
    }
    sodium_memzero(hex, sizeof hex);
}

void polls_offer(struct journal *j)
{
    if (store_poll_keys(j->config->store, on_keys, j) != OK)
        log_error("redis polls: their keys cannot be read");
}

/* redis_poll.c - the keys of polls, which make voters of identities (chat/poll.h). All nodes need
 * the same: Redis keeps that of an open poll in a hash of its room, put there by the very step that
 * numbers the poll; whoever has copied the end takes it out. Each node has it in its store, too, as
 * long; so a Redis that has lost all gets it back, and one that is older loses it. Only a node that
 * has read a log to its end knows what is open. See redis_inside.h. */
#include "private.h"

#include "log.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct poll_question {
    struct stream *stream;
    uint64_t poll;
    void (*done)(void *arg);
    void *arg;
};

static void on_key(redisAsyncContext *redis, void *raw, void *arg)
{
    struct poll_question *q = arg;
    const redisReply *reply = raw;
    unsigned char key[SECRET_BYTES];
    size_t n = 0;
    (void)redis;
    bool there = reply != NULL && reply->type == REDIS_REPLY_STRING &&
                 sodium_hex2bin(key, sizeof key, reply->str, reply->len, NULL, &n, NULL) == 0 &&
                 n == sizeof key;
    if (!there || !store_keep_secret(q->stream->journal->config->store, q->stream->name, q->poll,
                                     key, q->done, q->arg))
        q->done(q->arg);
    sodium_memzero(key, sizeof key);
    free(q);
}

void journal_secret(struct journal *j, const char *room, uint64_t poll, void (*done)(void *arg),
                    void *arg)
{
    char keys[REDIS_KEY_MAX], id[REDIS_ID_MAX];
    const char *argv[] = {"HGET", keys, id};
    struct stream *s = stream_find(j, room);
    struct poll_question *q = s == NULL ? NULL : malloc(sizeof *q);
    redis_secrets_key(keys, j->config->redis->prefix, room);
    redis_id_write(id, poll);
    if (q != NULL)
        *q = (struct poll_question){s, poll, done, arg};
    if (q == NULL || !redis_link_ask(j->ask, on_key, q, 3, argv, NULL)) {
        free(q);
        done(arg);
    }
}

static void nobody_waits(void *arg) { (void)arg; }

static void take_out(struct stream *s, uint64_t poll)
{
    char keys[REDIS_KEY_MAX], id[REDIS_ID_MAX];
    const char *argv[] = {"HDEL", keys, id};
    redis_secrets_key(keys, s->journal->config->redis->prefix, s->name);
    redis_id_write(id, poll);
    redis_link_ask(s->journal->ask, redis_ignore, NULL, 3, argv, NULL);
}

void polls_copied(struct stream *s, const struct store_written *w)
{
    if (w->e.kind == EVENT_POLL && w->is_new)
        journal_secret(s->journal, s->name, w->number, nobody_waits, NULL);
    else if (w->e.kind == EVENT_POLL)
        take_out(s, w->number);
    else if (w->is_new && (w->e.kind == EVENT_POLL_CLOSED || w->e.kind == EVENT_DELETE))
        take_out(s, w->e.of);
    else if (w->is_new && w->e.kind == EVENT_PURGE && s != s->journal->server &&
             s->settle_from == 0)
        s->settle_from = w->number; /* looks which of them are gone */
}

/* --- a Redis that is another, or whose time went back --------------------------------------- */

/* What is open here must be there, */
static void on_keys(void *arg, enum err err, const struct store_secret *all, size_t n)
{
    struct stream *s = arg;
    char keys[REDIS_KEY_MAX], id[REDIS_ID_MAX], hex[2 * SECRET_BYTES + 1];
    const char *argv[] = {"HSETNX", keys, id, hex};
    redis_secrets_key(keys, s->journal->config->redis->prefix, s->name);
    if (err != OK)
        log_error("redis room=%s: keys of polls cannot be read", s->name);
    for (size_t i = 0; i < n; i++) {
        redis_id_write(id, all[i].poll);
        sodium_bin2hex(hex, sizeof hex, all[i].key, SECRET_BYTES);
        redis_link_ask(s->journal->ask, redis_ignore, NULL, 4, argv, NULL);
    }
    sodium_memzero(hex, sizeof hex);
}

/* and what has ended must not. */
static void on_ended(void *arg, enum err err, const uint64_t *polls, size_t n)
{
    for (size_t i = 0; err == OK && i < n; i++)
        take_out(arg, polls[i]);
}

static void on_hkeys(redisAsyncContext *redis, void *raw, void *arg)
{
    struct stream *s = arg;
    const redisReply *reply = raw;
    (void)redis;
    if (reply == NULL || reply->type != REDIS_REPLY_ARRAY || reply->elements == 0)
        return;
    uint64_t *polls = calloc(reply->elements, sizeof *polls);
    size_t n = 0;
    for (size_t i = 0; polls != NULL && i < reply->elements; i++)
        if (reply->element[i]->type == REDIS_REPLY_STRING &&
            (polls[n] = redis_id_read(reply->element[i]->str, NULL)) > 0)
            n++;
    if (polls == NULL ||
        store_secrets_ended(s->journal->config->store, s->name, polls, n, on_ended, s) != OK)
        log_error("redis room=%s: keys of polls cannot be looked at", s->name);
    free(polls);
}

void polls_settle(struct stream *s)
{
    char keys[REDIS_KEY_MAX];
    const char *argv[] = {"HKEYS", keys};
    if (s->settle_from == 0 || s->copied < s->settle_from)
        return;
    s->settle_from = 0;
    s->keys_unsettled = false;
    redis_secrets_key(keys, s->journal->config->redis->prefix, s->name);
    if (store_secrets(s->journal->config->store, s->name, on_keys, s) != OK ||
        !redis_link_ask(s->journal->ask, on_hkeys, s, 2, argv, NULL))
        s->keys_unsettled = true; /* when the stream is read the next time */
}

void polls_up_to_date(struct stream *s)
{
    if (!s->keys_unsettled || s == s->journal->server)
        return;
    s->settle_from = s->taken;
    polls_settle(s);
}

/* secret.c - see secret.h. */
#include "secret.h"

#include "call.h"
#include "log.h"
#include "private.h"
#include "stream.h"
#include "store/secret.h"
#include "store/submit.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static struct redis_key key_of(const struct stream *s)
{
    return key_secrets(s->journal->redis->prefix, s->place);
}

/* --- one secret ----------------------------------------------------------------------------- */

struct question {
    struct stream *stream;
    uint64_t seq;
    void (*done)(void *arg);
    void *arg;
};

static void on_secret(redisAsyncContext *redis, void *raw, void *arg)
{
    struct question *q = arg;
    const redisReply *reply = raw;
    unsigned char secret[SECRET_BYTES];
    size_t n = 0;
    (void)redis;
    bool found =
        reply != NULL && reply->type == REDIS_REPLY_STRING &&
        sodium_hex2bin(secret, sizeof secret, reply->str, reply->len, NULL, &n, NULL) == 0 &&
        n == sizeof secret;
    if (!found || !store_keep_secret(q->stream->journal->store, q->stream->name, q->seq, secret,
                                     q->done, q->arg))
        q->done(q->arg);
    sodium_memzero(secret, sizeof secret);
    free(q);
}

void secret_fetch(struct journal *j, const char *room, uint64_t seq, void (*done)(void *arg),
                  void *arg)
{
    struct redis_call c;
    struct stream *s = stream_find(j, room);
    struct question *q = s == NULL ? NULL : malloc(sizeof *q);
    if (q == NULL) {
        done(arg);
        return;
    }
    *q = (struct question){s, seq, done, arg};
    call_begin(&c, "HGET");
    call_key(&c, key_of(s));
    call_seq(&c, seq);
    if (!redis_link_ask(j->ask, &c, on_secret, q)) {
        free(q);
        done(arg);
    }
}

static void take_out(struct stream *s, uint64_t seq)
{
    struct redis_call c;
    call_begin(&c, "HDEL");
    call_key(&c, key_of(s));
    call_seq(&c, seq);
    redis_link_ask(s->journal->ask, &c, NULL, NULL);
}

/* --- with the events ------------------------------------------------------------------------ */

static void nobody_waits(void *arg) { (void)arg; }

void secret_copied(struct stream *s, const struct store_written *w)
{
    switch (event_traits(w->e.kind)->secret) {
    case SECRET_NONE: break;
    case SECRET_OWN:
        if (w->is_new)
            secret_fetch(s->journal, s->name, w->number, nobody_waits, NULL);
        else
            take_out(s, w->number);
        break;
    case SECRET_ENDS:
        if (w->is_new)
            take_out(s, w->e.of);
        break;
    case SECRETS_END:
        if (w->is_new && s != s->journal->server && s->settle_from == 0)
            s->settle_from = w->number; /* the store knows which of them have ended */
        break;
    }
}

/* --- all of a room -------------------------------------------------------------------------- */

static void give_back(struct stream *s, const struct store_secret *secret)
{
    char hex[2 * SECRET_BYTES + 1];
    struct redis_call c;
    sodium_bin2hex(hex, sizeof hex, secret->key, SECRET_BYTES);
    call_begin(&c, "HSETNX");
    call_key(&c, key_of(s));
    call_seq(&c, secret->seq);
    call_bytes(&c, hex, strlen(hex));
    redis_link_ask(s->journal->ask, &c, NULL, NULL);
    sodium_memzero(hex, sizeof hex);
}

/* Redis must have every secret that the store has. */
static void on_kept(void *arg, enum err err, const struct store_secret *all, size_t n)
{
    struct stream *s = arg;
    if (err != OK)
        log_error("redis room=%s: cannot read its secrets from the store", s->name);
    for (size_t i = 0; i < n && !stream_has_ended(s); i++)
        give_back(s, &all[i]);
}

/* It must have none that has ended. */
static void on_ended(void *arg, enum err err, const uint64_t *seqs, size_t n)
{
    for (size_t i = 0; err == OK && i < n; i++)
        take_out(arg, seqs[i]);
}

static void on_in_redis(redisAsyncContext *redis, void *raw, void *arg)
{
    struct stream *s = arg;
    const redisReply *reply = raw;
    (void)redis;
    if (reply == NULL || reply->type != REDIS_REPLY_ARRAY || reply->elements == 0 ||
        stream_has_ended(s))
        return;
    uint64_t *seqs = calloc(reply->elements, sizeof *seqs);
    size_t n = 0;
    for (size_t i = 0; seqs != NULL && i < reply->elements; i++)
        if (reply->element[i]->type == REDIS_REPLY_STRING &&
            (seqs[n] = seq_read(reply->element[i]->str, NULL)) > 0)
            n++;
    if (seqs == NULL || store_secrets_ended(s->journal->store, s->name, seqs, n, on_ended, s) != OK)
        log_error("redis room=%s: cannot compare its secrets with the store", s->name);
    free(seqs);
}

void secret_settle(struct stream *s)
{
    struct redis_call c;
    if (s->settle_from == 0 || s->copied < s->settle_from)
        return;
    s->settle_from = 0;
    s->unsettled = false;
    call_begin(&c, "HKEYS");
    call_key(&c, key_of(s));
    if (store_secrets(s->journal->store, s->name, on_kept, s) != OK ||
        !redis_link_ask(s->journal->ask, &c, on_in_redis, s))
        s->unsettled = true; /* until the stream is read to its end again */
}

void secret_read_to_end(struct stream *s)
{
    if (!s->unsettled || s == s->journal->server)
        return;
    s->settle_from = s->taken;
    secret_settle(s);
}

/* redis_submit.c - submits on their way to Redis: the outbox, and what Redis answers. See
 * redis_inside.h. */
#include "private.h"

#include "log.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ticket_finish(struct ticket *t, enum err err, uint64_t seq, int64_t at_ms)
{
    list_remove(&t->in_list);
    t->journal->tickets--;
    t->done(t->arg, err, seq, at_ms);
    free(t);
}

void ticket_judged(struct ticket *t, const struct store_written *w)
{
    ticket_finish(t, w->err, w->e.seq, w->e.at_ms);
}

void ticket_return(struct ticket *t)
{
    struct journal *j = t->journal;
    list_remove(&t->in_list);
    list_add(j->outbox.next, &t->in_list); /* before the first */
    t->e.seq = 0;
    t->asked = t->again = false;
    j->resend = true;
}

static struct ticket *ticket_create(struct journal *j, const struct event *e, journal_done *done,
                                    void *arg)
{
    size_t key = e->key == NULL ? 0 : strlen(e->key) + 1;
    struct ticket *t = calloc(1, sizeof *t + e->body_bytes + 1 + key);
    struct stream *s = t == NULL ? NULL : stream_of(j, e->room);
    if (s == NULL) {
        free(t);
        return NULL;
    }
    char *to = (char *)(t + 1);
    t->journal = j;
    t->stream = s;
    t->e = *e;
    t->e.seq = 0;
    t->e.room = s->name;
    t->e.body = memcpy(to, e->body, e->body_bytes);
    t->e.key = key == 0 ? NULL : memcpy(to + e->body_bytes + 1, e->key, key);
    t->done = done;
    t->arg = arg;
    redis_idem_key(t->idem, j->config->redis->prefix, e);
    list_add(&j->outbox, &t->in_list);
    j->tickets++;
    return t;
}

static void on_repeated(void *arg, enum err err, uint64_t seq, int64_t at_ms)
{
    (void)arg, (void)err, (void)seq, (void)at_ms;
}

void journal_repeat(struct journal *j, const struct event *e)
{
    if (ticket_create(j, e, on_repeated, NULL) == NULL)
        log_error("redis room=%s: an event of an old generation is lost: no memory", e->room);
    j->resend = true;
}

/* --- submits -------------------------------------------------------------------------------- */

/* What Redis says of it when it does not take it. */
static void on_refused(struct ticket *t, const char *why)
{
    struct journal *j = t->journal;
    t->asked = false;
    j->resend = true;
    if (strncmp(why, "LOSTLOG", 7) == 0 && j->meta.generation == j->gen)
        j->meta.generation = j->gen + 1; /* the fence goes beyond it */
    if (strncmp(why, "STALEGEN", 8) == 0 || strncmp(why, "LOSTLOG", 7) == 0 ||
        strncmp(why, "NOSCRIPT", 8) == 0)
        fence_begin(j);
    else if (strncmp(why, "READONLY", 8) == 0 || strncmp(why, "NO", 2) == 0)
        redis_link_give_up(j->ask, why); /* no master any more, or another user's rights */
    else
        journal_refuse(j, why); /* full, or busy: each second again */
}

static void on_submitted(redisAsyncContext *redis, void *raw, void *arg)
{
    struct ticket *t = arg;
    struct journal *j = t->journal;
    const redisReply *reply = raw;
    (void)redis;
    if (reply == NULL) { /* perhaps it was numbered: it is asked for again under the same key */
        t->asked = false;
        j->resend = true;
        return;
    }
    if (reply->type != REDIS_REPLY_STRING) {
        on_refused(t, reply->type == REDIS_REPLY_ERROR ? reply->str : "no answer to a submit");
        return;
    }
    t->again = reply->str[0] == '=';
    t->e.seq = redis_id_read(reply->str + t->again, NULL);
    list_remove(&t->in_list);
    j->refused = false;
    stream_await(t->stream, t);
}

/* What only polls have: each its key, which Redis keeps for all nodes until the poll ends. */
struct poll_words {
    char keys[REDIS_KEY_MAX], key[2 * SECRET_BYTES + 1];
};

static struct poll_words poll_words(const struct ticket *t)
{
    struct poll_words w = {0};
    unsigned char key[SECRET_BYTES];
    redis_secrets_key(w.keys, t->journal->config->redis->prefix, t->stream->name);
    if (t->e.kind == EVENT_POLL) {
        randombytes_buf(key, sizeof key);
        sodium_bin2hex(w.key, sizeof w.key, key, sizeof key);
        sodium_memzero(key, sizeof key);
    }
    return w;
}

static bool send_one(struct ticket *t)
{
    struct journal *j = t->journal;
    const struct conf_redis *redis = j->config->redis;
    char gen[24], gen_key[REDIS_KEY_MAX], log_key[REDIS_KEY_MAX], channel[REDIS_KEY_MAX];
    char history_key[REDIS_KEY_MAX], keep[16], seconds[16], newest[24];
    const struct stream *s = t->stream;
    struct bytes payload = {0};
    struct poll_words poll = poll_words(t);
    size_t lengths[16];
    redis_event_write(&payload, &t->e);
    snprintf(gen, sizeof gen, "%llu", (unsigned long long)j->gen);
    snprintf(gen_key, sizeof gen_key, "%sgen", redis->prefix);
    redis_log_key(log_key, redis->prefix, s->name, j->gen);
    redis_channel(channel, redis->prefix, s->name);
    snprintf(history_key, sizeof history_key, "%shistory", redis->prefix);
    /* the server's log has every name and room that there is: it is not trimmed */
    snprintf(keep, sizeof keep, "%u", s == j->server ? 0 : redis->stream_events);
    snprintf(seconds, sizeof seconds, "%u", redis->key_seconds);
    snprintf(newest, sizeof newest, "%lld",
             s->taken > 0 && seq_gen(s->taken) == j->gen ? (long long)seq_n(s->taken) : -1);
    const char *argv[] = {NULL, NULL, "5",  gen_key, t->idem, log_key, history_key,     poll.keys,
                          gen,  "",   keep, channel, seconds, newest,  j->meta.history, poll.key};
    for (size_t i = 2; i < sizeof argv / sizeof *argv; i++)
        lengths[i] = strlen(argv[i]);
    argv[9] = payload.at;
    lengths[9] = payload.size;
    t->asked = !payload.failed && script_ask(j, SCRIPT_SUBMIT, on_submitted, t, 16, argv, lengths);
    bytes_finish(&payload);
    sodium_memzero(&poll, sizeof poll);
    return t->asked;
}

void journal_send(struct journal *j)
{
    j->resend = false;
    list_each(i, n, &j->outbox)
    {
        struct ticket *t = list_entry(i, struct ticket, in_list);
        if (!t->asked && !send_one(t)) {
            j->resend = true;
            return;
        }
    }
}

/* Posts wait while Redis is away; who wants a name, or a room, is told to try again. */
enum err journal_submit(struct journal *j, const struct event *e, journal_done *done, void *arg)
{
    bool away = j->stage < STAGE_SEALING;
    bool waits = event_traits(e->kind)->class != CLASS_SERVER;
    if (j->ending || store_fault(j->config->store) != NULL ||
        j->tickets >= j->config->redis->outbox || (away && !waits))
        return ERR_UNAVAILABLE;
    struct ticket *t = ticket_create(j, e, done, arg);
    if (t == NULL)
        return ERR_UNAVAILABLE;
    if (away || j->resend || !send_one(t))
        j->resend = true;
    return OK;
}

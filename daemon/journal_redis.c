/* journal_redis.c - submits on their way to Redis and back, and the state of the whole. See
 * journal_redis.h. */
#include "redis_inside.h"

#include "log.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOON_MS    20
#define SECOND_MS  1000
#define READY_MS   2000 /* without Redis, what the store has is served after so long, */
#define PATIENT_MS 8000 /* an empty store, or one that is catching up, after so long */
#define KNOWN_MS   7000 /* in which each node has told twice that it is there */
#define COMPARE_S  15   /* seconds in which each log's newest number is looked at once */

/* --- health --------------------------------------------------------------------------------- */

const char *journal_redis_fault(const struct journal *j)
{
    if (j->stage < STAGE_SEALING)
        return "Redis is away";
    return j->refused ? "Redis refuses to write" : NULL;
}

static void log_fault(struct journal *j)
{
    const char *why = journal_redis_fault(j);
    if (!j->told_ready) /* it has only just begun */
        return;
    if (why != NULL && j->told_fault == NULL)
        log_warn("redis messages wait: %s", why);
    if (why == NULL && j->told_fault != NULL)
        log_info("redis messages are stored again");
    j->told_fault = why;
}

/* Whoever leaves LIVE knows then whether it can tell who is missing. */
static void note_life(struct journal *j, enum redis_stage stage)
{
    uint64_t now_ms = uv_now(j->loop);
    if (stage == STAGE_LIVE && j->stage != STAGE_LIVE)
        j->live_ms = now_ms;
    if (stage != STAGE_LIVE && j->stage == STAGE_LIVE)
        j->knows_peers = now_ms - j->live_ms > KNOWN_MS;
}

void journal_set_stage(struct journal *j, enum redis_stage stage)
{
    note_life(j, stage);
    j->stage = stage;
    if (stage == STAGE_AWAY)
        list_each(i, n, &j->logs) log_release_followers(list_entry(i, struct log, in_all));
    if (stage == STAGE_SEALING && redis_link_is_up(j->hear))
        chat_bus_up(j->chat);
    j->was_live |= stage == STAGE_LIVE;
    log_fault(j);
}

static void refuse(struct journal *j, const char *why)
{
    if (!j->refused)
        log_warn("redis: %s", why);
    j->refused = true;
    log_fault(j);
}

size_t journal_redis_waiting(const struct journal *j) { return j->tickets; }

uint64_t journal_redis_generation(const struct journal *j) { return j->gen; }

/* --- tickets -------------------------------------------------------------------------------- */

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
    struct log *l = t == NULL ? NULL : log_of(j, e->room);
    if (l == NULL) {
        free(t);
        return NULL;
    }
    char *to = (char *)(t + 1);
    t->journal = j;
    t->log = l;
    t->e = *e;
    t->e.seq = 0;
    t->e.room = l->name;
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
        refuse(j, why); /* full, or busy: each second again */
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
    log_await(t->log, t);
}

static bool send_one(struct ticket *t)
{
    struct journal *j = t->journal;
    const struct conf_redis *redis = j->config->redis;
    char gen[24], gen_key[REDIS_KEY_MAX], log_key[REDIS_KEY_MAX], channel[REDIS_KEY_MAX];
    char history_key[REDIS_KEY_MAX], keep[16], seconds[16], newest[24];
    const struct log *l = t->log;
    struct bytes payload = {0};
    size_t lengths[14];
    redis_event_write(&payload, &t->e);
    snprintf(gen, sizeof gen, "%llu", (unsigned long long)j->gen);
    snprintf(gen_key, sizeof gen_key, "%sgen", redis->prefix);
    redis_log_key(log_key, redis->prefix, l->name, j->gen);
    redis_channel(channel, redis->prefix, l->name);
    snprintf(history_key, sizeof history_key, "%shistory", redis->prefix);
    /* the server's log has every name and room that there is: it is not trimmed */
    snprintf(keep, sizeof keep, "%u", l == j->server ? 0 : redis->stream_events);
    snprintf(seconds, sizeof seconds, "%u", redis->key_seconds);
    snprintf(newest, sizeof newest, "%lld",
             l->taken > 0 && seq_gen(l->taken) == j->gen ? (long long)seq_n(l->taken) : -1);
    const char *argv[] = {NULL, NULL, "4",  gen_key, t->idem, log_key, history_key,
                          gen,  "",   keep, channel, seconds, newest,  j->meta.history};
    for (size_t i = 2; i < sizeof argv / sizeof *argv; i++)
        lengths[i] = strlen(argv[i]);
    argv[8] = payload.at;
    lengths[8] = payload.size;
    t->asked = !payload.failed && script_ask(j, SCRIPT_SUBMIT, on_submitted, t, 14, argv, lengths);
    bytes_finish(&payload);
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
static enum err submit(struct journal *j, const struct event *e, journal_done *done, void *arg)
{
    bool away = j->stage < STAGE_SEALING;
    if (j->ending || store_fault(j->config->store) != NULL ||
        j->tickets >= j->config->redis->outbox || (away && strcmp(e->room, SERVER_LOG) == 0))
        return ERR_UNAVAILABLE;
    struct ticket *t = ticket_create(j, e, done, arg);
    if (t == NULL)
        return ERR_UNAVAILABLE;
    if (away || j->resend || !send_one(t))
        j->resend = true;
    return OK;
}

const struct journal_ops journal_redis_ops = {.submit = submit, .follow = journal_follow};

/* --- time ----------------------------------------------------------------------------------- */

static void on_soon(uv_timer_t *timer)
{
    struct journal *j = timer->data;
    struct list now;
    list_take(&now, &j->behind);
    list_each(i, n, &now)
    {
        struct log *l = list_entry(i, struct log, in_behind);
        list_remove(&l->in_behind);
        if (l->want > l->taken)
            log_read(l);
    }
    fence_look(j);
}

void journal_soon(struct journal *j)
{
    if (!uv_is_active((uv_handle_t *)&j->soon) && !j->ending)
        uv_timer_start(&j->soon, on_soon, SOON_MS, 0);
}

/* Ready: what people need before they come is there, or will not be for now. */
static void look_if_ready(struct journal *j)
{
    const struct log *l = j->server;
    bool caught_up = l->live && l->copied == l->taken;
    bool hopeful = j->stage > STAGE_AWAY || j->meta.history[0] == '\0';
    uint64_t patience_ms = hopeful ? PATIENT_MS : READY_MS;
    if (!caught_up && !j->other_chat && uv_now(j->loop) < j->begun_ms + patience_ms)
        return;
    j->told_ready = true;
    j->config->ready(j->config->arg, !j->other_chat);
}

static void fence_again(struct journal *j)
{
    if (j->stage == STAGE_AWAY && redis_link_is_up(j->ask))
        fence_begin(j);
}

static void on_second(uv_timer_t *timer)
{
    struct journal *j = timer->data;
    unsigned place = 0;
    j->seconds++;
    fence_again(j);
    list_each(i, n, &j->logs)
    {
        struct log *l = list_entry(i, struct log, in_all);
        if (l->wanted && !l->live)
            log_read(l);
        else if (j->stage == STAGE_LIVE && place++ % COMPARE_S == j->seconds % COMPARE_S)
            log_compare_top(l);
    }
    bus_probe(j);
    if (j->stage == STAGE_LIVE)
        bus_forget_peers(j, false);
    if (j->stage >= STAGE_SEALING && j->resend)
        journal_send(j);
    log_fault(j);
}

/* Quick at start, so that nobody waits a second for the first page. */
static void on_starting(uv_timer_t *timer)
{
    struct journal *j = timer->data;
    fence_again(j);
    look_if_ready(j);
    if (j->told_ready)
        uv_timer_start(timer, on_second, SECOND_MS, SECOND_MS);
}

/* --- links ---------------------------------------------------------------------------------- */

static void ask_is_up(void *arg) { fence_begin(arg); }

static void ask_is_down(void *arg) { journal_set_stage(arg, STAGE_AWAY); }

static void hear_is_up(void *arg) { bus_up(arg); }

static void hear_is_down(void *arg) { bus_down(arg); }

static const struct redis_link_ops ask_ops = {ask_is_up, ask_is_down};
static const struct redis_link_ops hear_ops = {hear_is_up, hear_is_down};

void redis_ignore(redisAsyncContext *redis, void *reply, void *arg)
{
    (void)redis, (void)reply, (void)arg;
}

/* --- life ----------------------------------------------------------------------------------- */

static void on_log(void *arg, const char *room, uint64_t last)
{
    struct log *l = log_of(arg, room);
    if (l == NULL)
        return;
    l->taken = l->copied = l->want = last;
    l->gen = seq_gen(last);
}

static bool load(struct journal *j)
{
    struct store *store = j->config->store;
    return store_load_meta(store, &j->meta) == OK && store_load_logs(store, on_log, j) == OK &&
           (j->server = log_of(j, SERVER_LOG)) != NULL;
}

struct journal *journal_redis_create(uv_loop_t *loop, const struct journal_redis_config *config)
{
    struct journal *j = calloc(1, sizeof *j);
    unsigned char random[(sizeof j->id - 1) / 2];
    if (j == NULL)
        return NULL;
    j->config = config;
    j->loop = loop;
    j->begun_ms = uv_now(loop);
    list_init(&j->logs);
    list_init(&j->behind);
    list_init(&j->outbox);
    list_init(&j->peers);
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(j->id, sizeof j->id, random, sizeof random);
    if (!load(j)) {
        journal_redis_destroy(&j);
        return NULL;
    }
    j->server->wanted = true;
    uv_timer_init(loop, &j->soon);
    uv_timer_init(loop, &j->second);
    j->soon.data = j->second.data = j;
    j->ask = redis_link_create(loop, config->redis, "ask", &ask_ops, j);
    j->hear = redis_link_create(loop, config->redis, "hear", &hear_ops, j);
    uv_timer_start(&j->second, on_starting, SOON_MS, SOON_MS);
    return j; /* a link for which there was no memory is one that never comes up */
}

void journal_redis_attach(struct journal *j, struct chat *chat) { j->chat = chat; }

void journal_redis_flush(struct journal *j)
{
    if (j == NULL || j->ending)
        return;
    redis_link_flush(j->ask);
    redis_link_flush(j->hear);
}

static void end_tickets(struct list *tickets)
{
    list_each(i, n, tickets)
        ticket_finish(list_entry(i, struct ticket, in_list), ERR_UNAVAILABLE, 0, 0);
}

void journal_redis_stop(struct journal *j)
{
    if (j == NULL || j->ending)
        return;
    j->ending = true;
    j->stage = STAGE_AWAY;
    redis_link_destroy(&j->ask);
    redis_link_destroy(&j->hear);
    end_tickets(&j->outbox);
    list_each(i, n, &j->logs)
    {
        struct log *l = list_entry(i, struct log, in_all);
        log_release_followers(l);
        end_tickets(&l->awaited);
    }
    uv_close((uv_handle_t *)&j->soon, NULL);
    uv_close((uv_handle_t *)&j->second, NULL);
}

void journal_redis_destroy(struct journal **journal)
{
    struct journal *j = *journal;
    if (j == NULL)
        return;
    bus_forget_peers(j, true);
    log_destroy_all(j);
    free(j);
    *journal = NULL;
}

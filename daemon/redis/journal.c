/* journal_redis.c - submits on their way to Redis and back, and the state of the whole. See
 * journal_redis.h. */
#include "private.h"

#include "log.h"
#include "metric.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOON_MS    20
#define SECOND_MS  1000
#define READY_MS   2000 /* without Redis, what the store has is served after so long, */
#define PATIENT_MS 8000 /* an empty store, or one that is catching up, after so long */
#define KNOWN_MS   7000 /* in which each node has told twice that it is there */
#define COMPARE_S  15   /* seconds in which each log's newest number is looked at once, */
                        /* the server's each second: it tells of a Redis that has lost all */

/* --- health --------------------------------------------------------------------------------- */

const char *journal_redis_fault(const struct journal *j)
{
    if (j->stage < STAGE_SEALING)
        return "Redis is away";
    return j->refused ? "Redis refuses to write" : NULL;
}

void journal_redis_warn(const struct journal *j, struct bytes *to)
{
    if (j->volatile_log)
        bytes_add_text(to, REDIS_VOLATILE "\n");
    if (j->evicts)
        bytes_add_text(to, REDIS_EVICTS "\n");
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
        j->knows_nodes = now_ms - j->live_ms > KNOWN_MS;
}

void journal_set_stage(struct journal *j, enum redis_stage stage)
{
    note_life(j, stage);
    j->stage = stage;
    if (stage == STAGE_AWAY)
        list_each(i, n, &j->streams) stream_release_followers(list_entry(i, struct stream, in_all));
    if (stage == STAGE_SEALING && redis_link_is_up(j->hear))
        chat_bus_up(j->chat);
    j->was_live |= stage == STAGE_LIVE;
    log_fault(j);
}

void journal_refuse(struct journal *j, const char *why)
{
    if (!j->refused)
        log_warn("redis: %s", why);
    j->refused = true;
    log_fault(j);
}

size_t journal_redis_waiting(const struct journal *j) { return j->tickets; }

int64_t journal_redis_wall_ms(const struct journal *j)
{
    return j->fenced_wall_ms == 0 ? 0
                                  : j->fenced_wall_ms + (int64_t)(uv_now(j->loop) - j->fenced_ms);
}

uint64_t journal_redis_generation(const struct journal *j) { return j->gen; }

static const char *fault(const struct journal *j)
{
    const char *why = store_fault(j->config->store);
    return why == NULL ? journal_redis_fault(j) : why;
}

static size_t waiting(const struct journal *j)
{
    return store_waiting(j->config->store) + journal_redis_waiting(j);
}

static void metrics(const struct journal *j, struct bytes *to)
{
    store_journal_add_metrics(j->config->store, to);
    metric_add_gauge(to, "redis_connected", journal_redis_fault(j) == NULL);
    metric_add_gauge(to, "redis_waiting", journal_redis_waiting(j));
    metric_add_gauge(to, "redis_generation", journal_redis_generation(j));
}

const struct journal_ops journal_redis_ops = {.submit = journal_submit,
                                              .follow = journal_follow,
                                              .unfollow = journal_unfollow,
                                              .secret = journal_secret,
                                              .attach = journal_redis_attach,
                                              .flush = journal_redis_flush,
                                              .stop = journal_redis_stop,
                                              .destroy = journal_redis_destroy,
                                              .fault = fault,
                                              .waiting = waiting,
                                              .warn = journal_redis_warn,
                                              .wall_ms = journal_redis_wall_ms,
                                              .metrics = metrics};

/* --- time ----------------------------------------------------------------------------------- */

static void on_soon(uv_timer_t *timer)
{
    struct journal *j = timer->data;
    struct list now;
    list_take(&now, &j->behind);
    list_each(i, n, &now)
    {
        struct stream *s = list_entry(i, struct stream, in_behind);
        list_remove(&s->in_behind);
        if (s->want > s->taken)
            stream_read(s);
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
    const struct stream *s = j->server;
    bool caught_up = s->live && s->copied == s->taken;
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
    list_each(i, n, &j->streams)
    {
        struct stream *s = list_entry(i, struct stream, in_all);
        if (s->wanted && !s->live)
            stream_read(s);
        else if (j->stage == STAGE_LIVE &&
                 (s == j->server || place++ % COMPARE_S == j->seconds % COMPARE_S))
            stream_compare_top(s);
    }
    bus_probe(j);
    if (j->stage == STAGE_LIVE)
        bus_forget_nodes(j, false);
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
    struct stream *s = stream_of(arg, room);
    if (s == NULL)
        return;
    s->taken = s->copied = s->want = last;
    s->gen = seq_gen(last);
}

static bool load(struct journal *j)
{
    struct store *store = j->config->store;
    return store_load_meta(store, &j->meta) == OK && store_load_logs(store, on_log, j) == OK &&
           (j->server = stream_of(j, SERVER_LOG)) != NULL;
}

struct journal *journal_redis_create(const struct journal_config *config)
{
    uv_loop_t *loop = config->loop;
    struct journal *j = calloc(1, sizeof *j);
    unsigned char random[(sizeof j->id - 1) / 2];
    if (j == NULL)
        return NULL;
    j->config = config;
    j->loop = loop;
    j->begun_ms = uv_now(loop);
    list_init(&j->streams);
    list_init(&j->behind);
    list_init(&j->outbox);
    list_init(&j->nodes);
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
    list_each(i, n, &j->streams)
    {
        struct stream *s = list_entry(i, struct stream, in_all);
        stream_release_followers(s);
        end_tickets(&s->awaited);
    }
    uv_close((uv_handle_t *)&j->soon, NULL);
    uv_close((uv_handle_t *)&j->second, NULL);
}

void journal_redis_destroy(struct journal **journal)
{
    struct journal *j = *journal;
    if (j == NULL)
        return;
    bus_forget_nodes(j, true);
    stream_destroy_all(j);
    free(j);
    *journal = NULL;
}

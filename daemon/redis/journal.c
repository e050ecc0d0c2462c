/* journal.c - see journal.h. */
#include "journal.h"

#include "bus.h"
#include "channel.h"
#include "ending.h"
#include "fence.h"
#include "follower.h"
#include "node.h"
#include "order.h"
#include "private.h"
#include "read.h"
#include "seal.h"
#include "secret.h"
#include "stage.h"
#include "stream.h"
#include "submit.h"
#include "ticket.h"
#include "wall.h"

#include "chat/base/metric.h"
#include "store/health.h"
#include "store/tail.h"

#include <sodium.h>
#include <stdlib.h>

#define STARTING_MS 20
#define SECOND_MS   1000
#define READY_MS    2000 /* without Redis the node serves what its store has after so long; */
#define PATIENT_MS  8000 /* an empty store, or one that is catching up, after so long */
#define COMPARE_S   15   /* seconds in which a stream is asked once for more; that of the */
                         /* server is each second: it shows a Redis that has lost its data */

/* --- timers --------------------------------------------------------------------------------- */

static void read_behind(struct journal *j)
{
    struct list now;
    list_take(&now, &j->behind);
    list_each(i, n, &now)
    {
        struct stream *s = list_entry(i, struct stream, in_behind);
        list_remove(&s->in_behind);
        if (s->want > s->taken || follower_wants_read(s))
            read_stream(s);
    }
}

static void on_soon(uv_timer_t *timer)
{
    struct journal *j = timer->data;
    ending_clear(j);
    if (j->fence_wanted)
        fence_begin(j);
    read_behind(j);
    if (j->stage >= STAGE_SEALING && j->resend && !j->refused)
        submit_outbox(j);
    seal_look(j);
}

/* Ready: the rooms and names are there, or will not be for now. */
static void look_if_ready(struct journal *j)
{
    const struct stream *s = j->server;
    bool caught_up = s->state == STREAM_LIVE && s->copied == s->taken;
    bool hopeful = j->stage > STAGE_AWAY || j->meta.history[0] == '\0';
    uint64_t patience_ms = hopeful ? PATIENT_MS : READY_MS;
    if (!caught_up && !j->other_chat && uv_now(j->loop) < j->begun_ms + patience_ms)
        return;
    j->is_ready = true;
    j->config->ready(j->config->arg, !j->other_chat);
}

/* Redis had just started, see WAIT_S in fence.c: try again. */
static void fence_again(struct journal *j)
{
    if (j->stage == STAGE_AWAY && redis_link_is_up(j->ask))
        stage_fence(j);
}

static void read_in_turn(struct journal *j)
{
    unsigned place = 0;
    list_each(i, n, &j->streams)
    {
        struct stream *s = list_entry(i, struct stream, in_all);
        if (stream_is_wanted(s) && s->state != STREAM_LIVE)
            read_stream(s);
        else if (j->stage == STAGE_LIVE &&
                 (s == j->server || place++ % COMPARE_S == j->seconds % COMPARE_S))
            read_later(s);
    }
}

static void on_second(uv_timer_t *timer)
{
    struct journal *j = timer->data;
    j->seconds++;
    fence_again(j);
    read_in_turn(j);
    channel_probe(j);
    wall_ask(j);
    if (j->stage == STAGE_LIVE)
        node_forget(j, false);
    if (j->stage >= STAGE_SEALING && j->resend)
        submit_outbox(j);
    stage_log_fault(j);
}

/* The first page must not wait for a whole second. */
static void on_starting(uv_timer_t *timer)
{
    struct journal *j = timer->data;
    fence_again(j);
    look_if_ready(j);
    if (j->is_ready)
        uv_timer_start(timer, on_second, SECOND_MS, SECOND_MS);
}

/* --- links ---------------------------------------------------------------------------------- */

static void ask_is_up(void *arg) { stage_fence(arg); }

static void ask_is_down(void *arg) { stage_set(arg, STAGE_AWAY); }

static void hear_is_up(void *arg) { channel_up(arg); }

static void hear_is_down(void *arg) { channel_down(arg); }

static void pieces_change(void *arg) { (void)arg; }

static const struct redis_link_ops ask_ops = {ask_is_up, ask_is_down};
static const struct redis_link_ops hear_ops = {hear_is_up, hear_is_down};
static const struct redis_link_ops pieces_ops = {pieces_change, pieces_change};

/* --- life ----------------------------------------------------------------------------------- */

static void on_stream(void *arg, const char *room, uint64_t life, uint64_t last)
{
    struct journal *j = arg;
    struct stream *s = stream_create(j, room, life);
    if (s == NULL)
        return;
    s->taken = s->copied = s->want = last;
    s->gen = seq_gen(last);
    if (s->gen > j->meta.generation)
        j->meta.generation = s->gen;
}

static bool load(struct journal *j)
{
    struct store *store = j->store;
    return store_load_meta(store, &j->meta) == OK && store_load_logs(store, on_stream, j) == OK &&
           (j->server = stream_find(j, SERVER_LOG)) != NULL;
}

static struct journal *create(const struct journal_config *config)
{
    struct journal *j = calloc(1, sizeof *j);
    unsigned char random[(sizeof j->id - 1) / 2];
    if (j == NULL)
        return NULL;
    j->config = config;
    j->redis = config->redis;
    j->store = config->store;
    j->loop = config->loop;
    j->begun_ms = uv_now(j->loop);
    j->on_soon = on_soon;
    j->clock.name = "redis clock";
    list_init(&j->streams);
    list_init(&j->gone);
    list_init(&j->cleared);
    list_init(&j->behind);
    list_init(&j->outbox);
    list_init(&j->nodes);
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(j->id, sizeof j->id, random, sizeof random);
    return j;
}

static void attach(struct journal *j, struct chat *chat)
{
    j->chat = chat;
    chat_set_branch(chat, j->meta.branch);
}

static void flush(struct journal *j)
{
    if (j == NULL || j->ending)
        return;
    redis_link_flush(j->ask);
    redis_link_flush(j->hear);
    redis_link_flush(j->pieces);
}

static void stop(struct journal *j)
{
    if (j == NULL || j->ending)
        return;
    ending_clear(j);
    j->ending = true;
    stage_set(j, STAGE_AWAY);
    redis_link_destroy(&j->ask);
    redis_link_destroy(&j->hear);
    redis_link_destroy(&j->pieces);
    ticket_finish_all(&j->outbox, ERR_UNAVAILABLE);
    list_each(i, n, &j->streams)
    {
        struct stream *s = list_entry(i, struct stream, in_all);
        follower_give_up(s);
        ticket_finish_all(&s->awaited, ERR_UNAVAILABLE);
    }
    uv_close((uv_handle_t *)&j->soon, NULL);
    uv_close((uv_handle_t *)&j->second, NULL);
}

static void destroy(struct journal **journal)
{
    struct journal *j = *journal;
    if (j == NULL)
        return;
    node_forget(j, true);
    list_each(i, n, &j->streams) order_drop_held(list_entry(i, struct stream, in_all));
    list_each(i, n, &j->gone) order_drop_held(list_entry(i, struct stream, in_all));
    stream_destroy_all(j);
    free(j);
    *journal = NULL;
}

struct journal *redis_journal_create(const struct journal_config *config)
{
    uv_loop_t *loop = config->loop;
    struct journal *j = create(config);
    if (j == NULL || !load(j)) {
        destroy(&j);
        return NULL;
    }
    stream_move(j->server, STREAM_JOINING);
    uv_timer_init(loop, &j->soon);
    uv_timer_init(loop, &j->second);
    j->soon.data = j->second.data = j;
    j->ask = redis_link_create(loop, config->redis, "ask", &ask_ops, j);
    j->hear = redis_link_create(loop, config->redis, "hear", &hear_ops, j);
    j->pieces = redis_link_create(loop, config->redis, "pieces", &pieces_ops, j);
    uv_timer_start(&j->second, on_starting, STARTING_MS, STARTING_MS);
    return j; /* without memory for a link: the link never comes up */
}

/* --- health --------------------------------------------------------------------------------- */

static const char *fault(const struct journal *j)
{
    const char *why = store_fault(j->store);
    return why == NULL ? stage_fault(j) : why;
}

static bool is_read(const struct stream *s)
{
    bool all = s->gen == s->journal->gen && s->copied == s->taken && s->want <= s->taken;
    return stream_has_ended(s) || (s->compared && all);
}

static bool caught_up(const struct journal *j)
{
    for (const struct list *i = j->streams.next; i != &j->streams; i = i->next)
        if (!is_read(list_entry(i, struct stream, in_all)))
            return false;
    return j->stage == STAGE_LIVE;
}

static size_t waiting(const struct journal *j) { return store_waiting(j->store) + j->tickets; }

static void warn(const struct journal *j, struct bytes *to)
{
    if (j->volatile_log)
        bytes_add_text(to, REDIS_VOLATILE "\n");
    if (j->evicts)
        bytes_add_text(to, REDIS_EVICTS "\n");
}

static void metrics(const struct journal *j, struct bytes *to)
{
    store_journal_add_metrics(j->store, to);
    metric_add_gauge(to, "redis_connected", stage_fault(j) == NULL);
    metric_add_gauge(to, "redis_waiting", j->tickets);
    metric_add_gauge(to, "redis_generation", j->gen);
    metric_add_counter(to, "redis_clock_jumps_total", j->clock.jumps);
    metric_add_counter(to, "redis_events_ahead_total", j->ahead_count);
}

/* --- the tables ----------------------------------------------------------------------------- */

const struct journal_ops redis_journal_ops = {.submit = submit_event,
                                              .follow = channel_follow,
                                              .may_exist = channel_may_have,
                                              .unfollow = channel_unfollow,
                                              .secret = secret_fetch,
                                              .attach = attach,
                                              .flush = flush,
                                              .stop = stop,
                                              .destroy = destroy,
                                              .fault = fault,
                                              .caught_up = caught_up,
                                              .waiting = waiting,
                                              .warn = warn,
                                              .wall_ms = wall_now_ms,
                                              .metrics = metrics};

static void tell(struct bus *b, const char *text, size_t n)
{
    bus_tell((struct journal *)b, text, n);
}

const struct bus_ops redis_journal_bus_ops = {tell};

struct bus *redis_journal_bus(struct journal *j) { return (struct bus *)j; }

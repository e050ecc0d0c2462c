/* journal.c - see journal.h. A submitted event goes to the store's writer and comes back numbered
 * and durable; then chat_apply() gets it, then its sender the answer. */
#include "journal.h"

#include "chat/chat.h"
#include "chat/base/metric.h"
#include "clock.h"
#include "health.h"
#include "log.h"
#include "meta.h"
#include "reject.h"
#include "search_index.h"
#include "submit.h"
#include "wal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct journal {
    const struct journal_config *config;
    struct chat *chat;
    struct store_meta meta;
};

/* A submit that the store has not answered yet. */
struct ticket {
    struct journal *journal;
    journal_done *done;
    void *arg;
};

static void on_written(void *arg, const struct store_written *w)
{
    struct ticket *t = arg;
    if (w->err == OK && w->is_new)
        chat_apply(t->journal->chat, &w->e);
    t->done(t->arg, w->err, w->e.seq, w->e.at_ms);
    free(t);
}

static enum err submit(struct journal *j, const struct event *e, journal_done *done, void *arg)
{
    struct ticket *t = malloc(sizeof *t);
    if (t == NULL)
        return ERR_UNAVAILABLE;
    *t = (struct ticket){j, done, arg};
    enum err err = store_submit(j->config->store, e, on_written, t);
    if (err != OK)
        free(t);
    return err;
}

/* --- the daemon's part ---------------------------------------------------------------------- */

/* Lost numbers are given again. If the store cannot be written now, it stays in doubt. */
static void begin_branch(struct journal *j)
{
    char hex[BRANCH_HEX + 1];
    log_warn("store the last messages may be lost: members get a fresh page instead of resuming");
    branch_random(hex);
    snprintf(j->meta.branch, sizeof j->meta.branch, "%" PRIu64 "-%s", j->meta.generation, hex);
    j->meta.in_doubt = false;
    store_save_meta(j->config->store, &j->meta);
}

static void attach(struct journal *j, struct chat *chat)
{
    j->chat = chat;
    if (j->meta.in_doubt)
        begin_branch(j);
    chat_set_branch(chat, j->meta.branch);
    j->config->ready(j->config->arg, true);
}

/* The store takes each submit at once: nothing is gathered or held back here. Its end answers those
 * that wait and refuses others. */
static void flush(struct journal *j) { (void)j; }
static void stop(struct journal *j) { (void)j; }

static void destroy(struct journal **j)
{
    free(*j);
    *j = NULL;
}

static const char *fault(const struct journal *j) { return store_fault(j->config->store); }

static bool caught_up(const struct journal *j)
{
    (void)j;
    return true;
}

static size_t waiting(const struct journal *j) { return store_waiting(j->config->store); }

/* `sync` of the configuration is the operator's choice, and no other setting matters. */
static void warn(const struct journal *j, struct bytes *to) { (void)j, (void)to; }

static int64_t wall_ms(const struct journal *j)
{
    (void)j;
    return clock_wall_ms();
}

static void metrics(const struct journal *j, struct bytes *to)
{
    store_journal_add_metrics(j->config->store, to);
}

const struct journal_ops store_journal_ops = {.submit = submit,
                                              .attach = attach,
                                              .flush = flush,
                                              .stop = stop,
                                              .destroy = destroy,
                                              .fault = fault,
                                              .caught_up = caught_up,
                                              .waiting = waiting,
                                              .warn = warn,
                                              .wall_ms = wall_ms,
                                              .metrics = metrics};

struct journal *store_journal_create(const struct journal_config *config)
{
    struct journal *j = calloc(1, sizeof *j);
    if (j == NULL)
        return NULL;
    j->config = config;
    if (store_load_meta(config->store, &j->meta) != OK)
        destroy(&j);
    return j;
}

void store_journal_add_metrics(const struct store *store, struct bytes *to)
{
    metric_add_gauge(to, "store_writable", store_fault(store) == NULL);
    metric_add_gauge(to, "store_waiting", store_waiting(store));
    metric_add_gauge(to, "store_wal_bytes", wal_bytes(store));
    search_index_add_metrics(store, to);
    store_rejects_add_metrics(store, to);
}

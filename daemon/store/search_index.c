/* search_index.c - see search_index.h. The states are in search.h. */
#include "search_index.h"

#include "health.h"
#include "job.h"
#include "private.h"
#include "search.h"
#include "search_slice.h"
#include "search_unit.h"

#include "chat/base/metric.h"
#include "clock.h"
#include "log.h"

#include <inttypes.h>
#include <stdlib.h>

#define LOOK_MS    500   /* how often it looks whether there is enough */
#define BUSY_MS    20    /* between slices while others have work for the writer */
#define TOLD_ITEMS 10000 /* so many items are worth lines in the log */
#define TELL_MS    10000

static void go_on(struct search *search, enum search_state state);

static void on_timer(uv_timer_t *timer)
{
    struct search *search = timer->data;
    go_on(search, search->state);
}

/* The writer comes back to the state when so much time has passed. */
static void wait(struct search *search, enum search_state state, uint64_t ms)
{
    search->state = state;
    uv_timer_start(&search->timer, on_timer, ms, 0);
}

/* --- the log -------------------------------------------------------------------------------- */

static uint64_t now_ms(void) { return (uint64_t)clock_now_ms(); }

static uint64_t waiting(const struct search *search)
{
    int64_t n = atomic_load(&search->waiting);
    return n < 0 ? 0 : (uint64_t)n;
}

static void tell_progress(struct search *search)
{
    bool begins = search->told_ms == 0;
    if (begins && waiting(search) < TOLD_ITEMS)
        return;
    if (begins)
        search->begun_ms = now_ms();
    if (begins || now_ms() >= search->told_ms + TELL_MS) {
        log_info("search items=%" PRIu64 " wait for the index", waiting(search));
        search->told_ms = now_ms();
    }
}

static void tell_end(struct search *search)
{
    if (search->told_ms != 0)
        log_info("search all items are in the index, after seconds=%.1f",
                 (double)(now_ms() - search->begun_ms) / 1000);
    search->told_ms = 0;
}

/* --- jobs of the writer --------------------------------------------------------------------- */

struct search_job {
    struct write_job w; /* first */
    struct search *search;
    size_t to;
    bool is_void;
};
FIRST(search_job, w);

/* False: the store ends, or has too much to do. */
static bool give(struct search *search, int (*run)(struct store *s, struct write_job *job),
                 void (*done)(struct job *job))
{
    struct search_job *j = store_write_job(search->store, sizeof *j);
    if (j == NULL)
        return false;
    j->search = search;
    j->w.run = run;
    j->w.job.done = done;
    worker_give(search->store->writer, &j->w.job);
    return true;
}

static int run_open(struct store *s, struct write_job *job)
{
    (void)job;
    return search_slice_open(s);
}

static void on_open(struct job *job)
{
    struct search_job *j = (struct search_job *)job;
    go_on(j->search, j->w.err == OK ? SEARCH_READING : SEARCH_IDLE);
    free(j);
}

static int run_slice(struct store *s, struct write_job *job)
{
    struct search_job *j = (struct search_job *)job;
    return search_slice_write(s, &j->search->unit, j->search->written, &j->to, &j->is_void);
}

static void on_slice(struct job *job)
{
    struct search_job *j = (struct search_job *)job;
    struct search *search = j->search;
    bool failed = j->w.err != OK || j->is_void;
    bool whole = !failed && j->to == search->unit.pairs.size / sizeof(uint32_t);
    search->written = j->to;
    free(j);
    if (whole)
        atomic_fetch_sub(&search->waiting, (int64_t)search->unit.items);
    if (failed || whole)
        search_unit_finish(&search->unit);
    if (failed)
        go_on(search, SEARCH_IDLE);
    else if (whole)
        go_on(search, SEARCH_OPENING);
    else if (worker_waiting(search->store->writer) > 0)
        wait(search, SEARCH_WRITING, BUSY_MS);
    else
        go_on(search, SEARCH_WRITING);
}

/* --- the thread that reads ------------------------------------------------------------------ */

struct unit_job {
    struct job job; /* first */
    struct search *search;
    int rc;
};
FIRST(unit_job, job);

static void work(void *arg, struct job *batch)
{
    (void)arg;
    for (struct job *job = batch; job != NULL; job = job->next) {
        struct unit_job *j = (struct unit_job *)job;
        j->rc = search_unit_read(j->search, &j->search->unit);
    }
}

static void on_unit(struct job *job)
{
    struct unit_job *j = (struct unit_job *)job;
    struct search *search = j->search;
    int rc = j->rc;
    free(j);
    search->written = 0;
    if (rc == SQLITE_ROW) {
        tell_progress(search);
        go_on(search, SEARCH_WRITING);
        return;
    }
    search_unit_finish(&search->unit);
    if (rc == SQLITE_DONE)
        tell_end(search);
    else
        log_error("search reading failed: %s", store_why(rc));
    go_on(search, SEARCH_IDLE);
}

static bool give_unit(struct search *search)
{
    struct unit_job *j = search->store->closing ? NULL : calloc(1, sizeof *j);
    if (j == NULL)
        return false;
    j->search = search;
    j->job.done = on_unit;
    worker_give(search->worker, &j->job);
    return true;
}

/* --- the states ----------------------------------------------------------------------------- */

static bool is_due(const struct search *search)
{
    return atomic_load(&search->waiting) >= SEARCH_TAIL && store_fault(search->store) == NULL;
}

/* Into this state. */
static void go_on(struct search *search, enum search_state state)
{
    bool came_from_idle = search->state == SEARCH_IDLE, given = false;
    if (search->store->closing)
        return;
    search->state = state;
    switch (state) {
    case SEARCH_IDLE:
        if (came_from_idle && is_due(search))
            go_on(search, SEARCH_OPENING);
        else
            wait(search, SEARCH_IDLE, LOOK_MS);
        return;
    case SEARCH_OPENING: given = give(search, run_open, on_open); break;
    case SEARCH_READING: given = give_unit(search); break;
    case SEARCH_WRITING: given = give(search, run_slice, on_slice); break;
    }
    if (!given) {
        search_unit_finish(&search->unit);
        wait(search, SEARCH_IDLE, LOOK_MS);
    }
}

bool search_index_begin(struct store *s, struct uv_loop_s *loop)
{
    const struct worker_ops ops = {work, 1, 60000, NULL};
    struct search *search = calloc(1, sizeof *search);
    if (search == NULL)
        return false;
    search->store = s;
    search->timer.data = search;
    search->worker = worker_create(loop, "chatd-index", &ops);
    if (search->worker == NULL || uv_timer_init(loop, &search->timer) != 0) {
        worker_destroy(&search->worker);
        free(search);
        return false;
    }
    s->search = search;
    atomic_store(&search->waiting, SEARCH_TAIL); /* nobody knows yet */
    wait(search, SEARCH_IDLE, 0);
    return true;
}

static void on_closed(uv_handle_t *timer) { free(timer->data); }

void search_index_end(struct store *s)
{
    struct search *search = s->search;
    if (search == NULL)
        return;
    worker_destroy(&search->worker);
    db_close(&search->db);
    search_unit_finish(&search->unit);
    bytes_finish(&search->changed);
    s->search = NULL;
    uv_close((uv_handle_t *)&search->timer, on_closed);
}

void search_index_add_metrics(const struct store *s, struct bytes *to)
{
    metric_add_gauge(to, "search_waiting", waiting(s->search));
}

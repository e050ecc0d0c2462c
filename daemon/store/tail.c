/* tail.c - see tail.h. */
#include "tail.h"

#include "job.h"
#include "load.h"
#include "private.h"
#include "reject.h"
#include "row.h"
#include "sql.h"

#include <stdlib.h>
#include <string.h>

/* --- the end of a log ----------------------------------------------------------------------- */

struct tail {
    struct read_job r; /* first */
    char room[ROOM_NAME_MAX + 1];
    uint64_t after, upto;
    size_t limit;
    bool newest; /* the newest `limit` events, not the oldest */
    store_tail_cb *cb;
    void *arg;
    /* the answer */
    size_t n;
    struct event events[]; /* `limit` */
};
FIRST(tail, r);

/* A damaged event is a gap of this node. */
static void check_row(struct store *store, struct event *e, sqlite3_stmt *s)
{
    enum event_fault fault = row_check(e, (uint64_t)sqlite3_column_int64(s, 7));
    if (fault == FAULT_NONE)
        return;
    store_reject_row(store, e->room, e->seq, event_fault_words(fault));
    e->kind = EVENT_GAP;
}

/* False: no memory. */
static bool add_row(struct store *store, struct tail *t, sqlite3_stmt *s)
{
    struct event *e = &t->events[t->n];
    bool has_key = !db_is_null(s, 5);
    *e = (struct event){.room = t->room,
                        .seq = (uint64_t)sqlite3_column_int64(s, 0),
                        .at_ms = sqlite3_column_int64(s, 1),
                        .kind = (enum event_kind)sqlite3_column_int(s, 2),
                        .author = (uint64_t)sqlite3_column_int64(s, 3),
                        .of = (uint64_t)sqlite3_column_int64(s, 4),
                        .key = has_key ? db_text(s, 5) : NULL,
                        .body = db_text(s, 6),
                        .body_bytes = (size_t)sqlite3_column_bytes(s, 6)};
    check_row(store, e, s);
    e->key = has_key ? strdup(e->key) : NULL;
    e->body = strndup(e->body, e->body_bytes);
    t->n++;
    return e->body != NULL && (!has_key || e->key != NULL);
}

#define TAIL_FROM                                                                                  \
    "SELECT seq, at, kind, author, of, key, body, hash FROM event"                                 \
    " WHERE room = " SQL_ROOM " AND seq > ?2 AND seq <= ?3"

static int answer_tail(struct store *store, struct read_job *r)
{
    struct tail *t = (struct tail *)r;
    struct db *db = &store->read;
    sqlite3_stmt *s = t->newest ? db_statement(db, TAIL_FROM " ORDER BY seq DESC LIMIT ?4")
                                : db_statement(db, TAIL_FROM " ORDER BY seq LIMIT ?4");
    db_bind_text(s, 1, t->room);
    sqlite3_bind_int64(s, 2, (int64_t)t->after);
    sqlite3_bind_int64(s, 3, (int64_t)t->upto);
    sqlite3_bind_int64(s, 4, (int64_t)t->limit);
    int rc;
    while ((rc = sqlite3_step(s)) == SQLITE_ROW)
        if (!add_row(store, t, s)) {
            rc = SQLITE_NOMEM;
            break;
        }
    db_reset(s);
    return rc;
}

static void reverse(struct tail *t)
{
    for (size_t i = 0; i < t->n / 2; i++) {
        struct event swap = t->events[i];
        t->events[i] = t->events[t->n - 1 - i];
        t->events[t->n - 1 - i] = swap;
    }
}

static void tail_free(struct tail *t)
{
    for (size_t i = 0; i < t->n; i++) {
        free((char *)(uintptr_t)t->events[i].key);
        free((char *)(uintptr_t)t->events[i].body);
    }
    free(t);
}

static void on_tail(struct job *job)
{
    struct tail *t = (struct tail *)job;
    if (t->newest)
        reverse(t);
    t->cb(t->arg, t->r.err, t->events, t->n);
    tail_free(t);
}

enum err store_tail(struct store *s, const char *room, uint64_t after, uint64_t upto, size_t limit,
                    bool newest, store_tail_cb *cb, void *arg)
{
    struct tail *t = store_read_job(s, sizeof *t + limit * sizeof *t->events);
    if (t == NULL)
        return ERR_UNAVAILABLE;
    t->r.job.done = on_tail;
    t->r.answer = answer_tail;
    strncpy(t->room, room, sizeof t->room - 1);
    t->after = after;
    t->upto = upto;
    t->limit = limit;
    t->newest = newest;
    t->cb = cb;
    t->arg = arg;
    worker_give(s->reader, &t->r.job);
    return OK;
}

/* --- at start ------------------------------------------------------------------------------- */

struct log_row {
    struct store *store;
    store_log_cb *cb;
    void *arg;
};

static int load_log(void *arg, sqlite3_stmt *q)
{
    const struct log_row *l = arg;
    struct row_end end;
    int rc = row_find_end(l->store, &l->store->read, db_text(q, 0), &end);
    if (rc == SQLITE_OK)
        l->cb(l->arg, db_text(q, 0), (uint64_t)sqlite3_column_int64(q, 1), end.seq);
    return rc;
}

enum err store_load_logs(struct store *s, store_log_cb *cb, void *arg)
{
    return store_load_rows(s, "where the logs end", "SELECT name, life FROM room", load_log,
                           &(struct log_row){s, cb, arg});
}

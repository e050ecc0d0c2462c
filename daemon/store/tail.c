/* store_tail.c - what a journal that copies a log asks of the file: where each log ends, what the
 * end of one holds, and which Redis it came from. See store.h. */
#include "private.h"

#include "log.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* --- the end of a log ----------------------------------------------------------------------- */

struct tail {
    struct read_job r; /* first */
    char room[ROOM_NAME_MAX + 1];
    uint64_t after, upto;
    size_t limit;
    bool newest; /* not the oldest of them */
    store_tail_cb *cb;
    void *arg;
    /* the answer */
    struct event *events;
    size_t n;
};

static char *own(const char *text) { return text == NULL ? NULL : strdup(text); }

/* False: no memory. */
static bool add_row(struct tail *t, sqlite3_stmt *s)
{
    struct event *e = &t->events[t->n];
    bool has_key = sqlite3_column_type(s, 5) != SQLITE_NULL;
    *e = (struct event){.room = t->room,
                        .seq = (uint64_t)sqlite3_column_int64(s, 0),
                        .at_ms = sqlite3_column_int64(s, 1),
                        .kind = (enum event_kind)sqlite3_column_int(s, 2),
                        .author = (uint64_t)sqlite3_column_int64(s, 3),
                        .of = (uint64_t)sqlite3_column_int64(s, 4),
                        .key = has_key ? own(db_text(s, 5)) : NULL,
                        .body = own(db_text(s, 6)),
                        .body_bytes = (size_t)sqlite3_column_bytes(s, 6)};
    t->n++;
    return e->body != NULL && (!has_key || e->key != NULL);
}

#define TAIL_FROM                                                                                  \
    "SELECT seq, at, kind, author, of, key, body FROM event"                                       \
    " WHERE room = (SELECT id FROM room WHERE name = ?1) AND seq > ?2 AND seq <= ?3"

static int answer_tail(struct db *db, struct read_job *r)
{
    struct tail *t = (struct tail *)r;
    sqlite3_stmt *s = t->newest ? db_statement(db, TAIL_FROM " ORDER BY seq DESC LIMIT ?4")
                                : db_statement(db, TAIL_FROM " ORDER BY seq LIMIT ?4");
    sqlite3_bind_text(s, 1, t->room, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, (int64_t)t->after);
    sqlite3_bind_int64(s, 3, (int64_t)t->upto);
    sqlite3_bind_int64(s, 4, (int64_t)t->limit);
    int rc;
    while ((rc = sqlite3_step(s)) == SQLITE_ROW)
        if (!add_row(t, s)) {
            rc = SQLITE_NOMEM;
            break;
        }
    db_reset(s);
    return rc;
}

static void turn_round(struct tail *t)
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
    free(t->events);
    free(t);
}

static void on_tail(struct job *job)
{
    struct tail *t = (struct tail *)job;
    if (t->newest)
        turn_round(t);
    t->cb(t->arg, t->r.err, t->events, t->n);
    tail_free(t);
}

enum err store_tail(struct store *s, const char *room, uint64_t after, uint64_t upto, size_t limit,
                    bool newest, store_tail_cb *cb, void *arg)
{
    struct tail *t = calloc(1, sizeof *t);
    if (t == NULL || (t->events = calloc(limit, sizeof *t->events)) == NULL) {
        free(t);
        return ERR_UNAVAILABLE;
    }
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

static enum err told(int rc)
{
    if (rc == SQLITE_DONE)
        return OK;
    log_error("store reading: %s", store_why(rc));
    return ERR_UNAVAILABLE;
}

/* A log that has begun without Redis has a history of its own: it gets a name now. */
static void name_history(struct store_meta *m)
{
    unsigned char random[HISTORY_BYTES / 2];
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(m->history, sizeof m->history, random, sizeof random);
}

enum err store_load_meta(struct store *s, struct store_meta *m)
{
    sqlite3_stmt *q = NULL;
    bool used = false;
    *m = (struct store_meta){0};
    int rc =
        sqlite3_prepare_v2(s->read.handle,
                           "SELECT (SELECT value FROM meta WHERE name = 'history'),"
                           " (SELECT value FROM meta WHERE name = 'generation'),"
                           " EXISTS (SELECT 1 FROM event),"
                           " (SELECT max((SELECT max(seq) FROM event WHERE room = room.id)) >> 40"
                           " FROM room)",
                           -1, &q, NULL);
    if (rc == SQLITE_OK && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        uint64_t known = (uint64_t)sqlite3_column_int64(q, 3);
        strncpy(m->history, db_text(q, 0), HISTORY_BYTES);
        m->generation = (uint64_t)sqlite3_column_int64(q, 1);
        if (known > m->generation)
            m->generation = known;
        used = sqlite3_column_int(q, 2) != 0;
        rc = SQLITE_DONE;
    }
    sqlite3_finalize(q);
    if (used && m->history[0] == '\0')
        name_history(m);
    return told(rc);
}

enum err store_load_logs(struct store *s, store_log_cb *cb, void *arg)
{
    sqlite3_stmt *q = NULL;
    int rc = sqlite3_prepare_v2(s->read.handle,
                                "SELECT name, (SELECT max(seq) FROM event WHERE room = id)"
                                " FROM room",
                                -1, &q, NULL);
    while (rc == SQLITE_OK && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        cb(arg, db_text(q, 0), (uint64_t)sqlite3_column_int64(q, 1));
        rc = SQLITE_OK;
    }
    sqlite3_finalize(q);
    return told(rc);
}

/* writer.c - see writer.h. */
#include "writer.h"

#include "feature.h"
#include "health.h"
#include "open.h"
#include "private.h"
#include "reject.h"
#include "room.h"
#include "wal.h"

#include "log.h"

static int step(struct store *s, const char *sql)
{
    if (s->write.handle == NULL)
        return SQLITE_READONLY;
    sqlite3_stmt *q = db_statement(&s->write, sql);
    if (q == NULL)
        return sqlite3_errcode(s->write.handle);
    return db_run(q);
}

static int run(struct store *s, struct write_job *w)
{
    if (!w->rejected)
        return w->run(s, w);
    w->err = ERR_BAD_FIELD;
    return w->reject == NULL ? SQLITE_OK : w->reject(s, w);
}

/* *failed_out: the job that has failed; NULL: none, or the transaction itself. */
static int run_all(struct store *s, struct job *batch, struct write_job **failed_out)
{
    int rc = step(s, "BEGIN IMMEDIATE");
    *failed_out = NULL;
    for (struct job *job = batch; rc == SQLITE_OK && job != NULL; job = job->next) {
        rc = run(s, (struct write_job *)job);
        if (rc != SQLITE_OK)
            *failed_out = (struct write_job *)job;
    }
    rc = rc == SQLITE_OK ? step(s, "COMMIT") : rc;
    features_ended(s, rc == SQLITE_OK);
    return rc;
}

/* The job will fail again, however often it runs. */
static bool is_own_fault(int rc)
{
    int kind = rc & 0xff;
    return kind == SQLITE_CONSTRAINT || kind == SQLITE_MISMATCH || kind == SQLITE_TOOBIG ||
           kind == SQLITE_RANGE || kind == SQLITE_ERROR;
}

/* A job that fails for its own content, and not for the disk, must not hold up the others: all run
 * again, and that one is rejected. */
static int run_batch(struct store *s, struct job *batch)
{
    struct write_job *failed;
    int rc;
    while (is_own_fault(rc = run_all(s, batch, &failed)) && failed != NULL && !failed->rejected) {
        if (failed->reject == NULL) /* else reject() logs it */
            log_error("store: a job fails for its own content: %s", store_why(rc));
        step(s, "ROLLBACK");
        store_forget_rooms(s);
        failed->rejected = true;
    }
    return rc;
}

/* Forgets the rooms, because they count events of the lost transaction. */
static void undo(struct store *s, struct job *batch, int rc)
{
    step(s, "ROLLBACK"); /* fails if SQLite has rolled back already */
    store_forget_rooms(s);
    for (struct job *job = batch; job != NULL; job = job->next)
        ((struct write_job *)job)->err = ERR_UNAVAILABLE;
    store_set_fault(s, store_why(rc));
}

/* Tries to write, so that the store recovers by itself. A connection that was opened read-only
 * stays read-only: it is opened again. */
static void probe(struct store *s)
{
    int rc = s->write.handle == NULL || s->reopen ? store_reopen(s) : SQLITE_OK;
    if (rc == SQLITE_OK)
        rc = step(s, "BEGIN IMMEDIATE");
    if (rc == SQLITE_OK)
        rc = step(s, "UPDATE room SET topic = topic WHERE id = 0");
    if (rc == SQLITE_OK)
        rc = step(s, "COMMIT");
    if (rc != SQLITE_OK)
        step(s, "ROLLBACK");
    s->reopen = (rc & 0xff) == SQLITE_READONLY;
    store_set_fault(s, rc == SQLITE_OK ? NULL : store_why(rc));
}

static void pause_work(struct store *s)
{
    if (atomic_load(&s->damaged))
        return;
    store_rejects_tick(s);
    if (store_fault(s) != NULL)
        probe(s);
    wal_scrub(s);
}

void store_work(void *store, struct job *batch)
{
    struct store *s = store;
    if (batch == NULL) {
        pause_work(s);
        return;
    }
    int rc = atomic_load(&s->damaged)  ? SQLITE_CORRUPT
             : s->write.handle == NULL ? SQLITE_READONLY
                                       : run_batch(s, batch);
    if (rc == SQLITE_OK)
        store_set_fault(s, NULL);
    else
        undo(s, batch, rc);
    if (rc == SQLITE_OK)
        wal_scrub_if_due(s);
    store_rejects_tick(s);
}

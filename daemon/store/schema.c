/* schema.c - see schema.h. A file's user_version counts the steps that it has had. The steps live
 * with their features; all steps of one version run in one transaction. */
#include "schema.h"

#include "feature.h"
#include "health.h"
#include "private.h"

#include "log.h"

#include <assert.h>
#include <stdio.h>
#include <time.h>

#define each_step(step, s)                                                                         \
    for (const struct store_feature *const *f_ = (s)->features; *f_ != NULL; f_++)                 \
        for (const struct schema_step *step = (*f_)->schema; step != NULL && step->sql != NULL;    \
             step++)

static int newest_version(const struct store *s)
{
    int newest = 0;
    each_step(step, s) if (step->version > newest) newest = step->version;
    return newest;
}

static int read_version(struct db *db)
{
    sqlite3_stmt *q = NULL;
    int version = -1;
    if (sqlite3_prepare_v2(db->handle, "PRAGMA user_version", -1, &q, NULL) == SQLITE_OK &&
        sqlite3_step(q) == SQLITE_ROW)
        version = sqlite3_column_int(q, 0);
    sqlite3_finalize(q);
    return version;
}

static int run_steps(const struct store *s, struct db *db, int version)
{
    int rc = SQLITE_OK, n = 0;
    each_step(step, s) if (rc == SQLITE_OK && step->version == version)
    {
        rc = db_exec(db, step->sql);
        n++;
    }
    /* A file that has this version already would never get a second step. */
    assert(n == 1 || version == 1);
    (void)n;
    return rc;
}

/* SQLite asks every few milliseconds. */
static int is_stopped(void *store)
{
    const struct store *s = store;
    return s->go_on != NULL && !s->go_on(s->arg);
}

static int migrate_to(const struct store *s, struct db *db, int version)
{
    char end[64];
    snprintf(end, sizeof end, "PRAGMA user_version=%d; COMMIT;", version);
    int rc = db_exec(db, "BEGIN IMMEDIATE;");
    if (rc == SQLITE_OK)
        rc = run_steps(s, db, version);
    if (rc == SQLITE_OK)
        rc = db_exec(db, end);
    if (rc != SQLITE_OK)
        db_exec(db, "ROLLBACK;");
    return rc;
}

/* A million events take seconds. */
static int bring_up(const struct store *s, struct db *db, int version, int newest)
{
    int rc = SQLITE_OK, before = version;
    struct timespec began, ended;
    clock_gettime(CLOCK_MONOTONIC, &began);
    if (before > 0)
        log_info("store schema=%d to=%d: bringing the file up to date", before, newest);
    sqlite3_progress_handler(db->handle, 10000, is_stopped, (void *)s);
    for (; rc == SQLITE_OK && version < newest; version++)
        rc = migrate_to(s, db, version + 1);
    sqlite3_progress_handler(db->handle, 0, NULL, NULL);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    double seconds =
        (double)(ended.tv_sec - began.tv_sec) + (double)(ended.tv_nsec - began.tv_nsec) / 1e9;
    if (before > 0 && rc == SQLITE_OK)
        log_info("store schema=%d seconds=%.1f", newest, seconds);
    if (before > 0 && rc != SQLITE_OK)
        log_error("store schema=%d stays after seconds=%.1f: %s", read_version(db), seconds,
                  store_why(rc));
    return rc;
}

/* A reader looks at the version, too: that shows whether it can read the file. */
static int migrate(const struct store *s, struct db *db, enum db_use use)
{
    int version = read_version(db), newest = newest_version(s);
    if (version < 0)
        return sqlite3_errcode(db->handle);
    if (use != DB_WRITER && version < newest)
        return SQLITE_SCHEMA;
    if (version > newest) {
        log_error("store schema=%d newest_known=%d: made by a newer chatd", version, newest);
        return SQLITE_MISMATCH;
    }
    return version < newest ? bring_up(s, db, version, newest) : SQLITE_OK;
}

int schema_open(const struct store *s, struct db *db, enum db_use use)
{
    int rc = db_open(db, s->path, use, s->sync_full);
    if (rc == SQLITE_OK)
        rc = features_connect(s, db);
    return rc == SQLITE_OK ? migrate(s, db, use) : rc;
}

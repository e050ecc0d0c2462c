/* check.c - see check.h. */
#include "check.h"

#include "health.h"
#include "private.h"
#include "schema.h"
#include "stoppable.h"

#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct check {
    struct job job; /* first */
    struct store *store;
    bool whole, damaged; /* neither: the check did not reach the end of the file */
    char found[200];     /* SQLite's words for the first fault */
};
FIRST(check, job);

static int give_up(void *store) { return atomic_load(&((struct store *)store)->ending); }

static bool is_damage(int rc)
{
    return (rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB;
}

static void check_file(struct store *s, struct check *c)
{
    struct stoppable files;
    sqlite3_stmt *q = NULL;
    int rc = stoppable_begin(&files, &s->ending);
    if (rc == SQLITE_OK)
        rc = schema_open(s, &s->check, DB_CHECKER);
    if (rc == SQLITE_OK) {
        sqlite3_progress_handler(s->check.handle, 10000, give_up, s);
        rc = sqlite3_prepare_v2(s->check.handle, "PRAGMA quick_check(1)", -1, &q, NULL);
    }
    if (rc == SQLITE_OK)
        rc = sqlite3_step(q);
    if (give_up(s)) /* the fault may be a read that the end has stopped */
        rc = SQLITE_INTERRUPT;
    snprintf(c->found, sizeof c->found, "%s", rc == SQLITE_ROW ? db_text(q, 0) : store_why(rc));
    c->whole = rc == SQLITE_ROW && strcmp(c->found, "ok") == 0;
    c->damaged = is_damage(rc) || (rc == SQLITE_ROW && !c->whole);
    sqlite3_finalize(q);
    db_close(&s->check);
    stoppable_end(&files);
}

static void work(void *store, struct job *batch)
{
    for (struct job *job = batch; job != NULL; job = job->next)
        check_file(store, (struct check *)job);
}

static void on_checked(struct job *job)
{
    struct check *c = (struct check *)job;
    c->store->unchecked = !c->whole;
    if (c->whole)
        log_info("store the check is done: the file is whole");
    else if (!c->damaged)
        log_info("store the check is not done: %s", c->found);
    if (c->damaged) {
        log_error("store file=%s is damaged: %s. Nothing is written to it: restore a backup",
                  c->store->path, c->found);
        atomic_store(&c->store->damaged, true);
    }
    free(c);
}

void store_check_begin(struct store *s, struct uv_loop_s *loop)
{
    const struct worker_ops ops = {work, 1, 60000, s};
    struct check *c = calloc(1, sizeof *c);
    s->checker = c == NULL ? NULL : worker_create(loop, "chatd-check", &ops);
    if (s->checker == NULL) {
        free(c);
        return;
    }
    log_info("store the last stop was not clean: checking the file");
    c->store = s;
    c->job.done = on_checked;
    worker_give(s->checker, &c->job);
}

void store_check_end(struct store *s)
{
    atomic_store(&s->ending, true);
    worker_destroy(&s->checker);
}

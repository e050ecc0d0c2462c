/* store_check.c - after a stop that was not clean, the file is looked through once, on a thread and
 * a connection of its own, while the daemon serves. Damage is told, and nothing is written to a
 * damaged file: reading goes on where it can. See store_inside.h. */
#include "store_inside.h"

#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct check {
    struct job job; /* first */
    struct store *store;
    bool whole, interrupted;
    char found[200]; /* what SQLite says of the first fault */
};

/* The mark of a running daemon: found at start, the last one did not stop cleanly. */
bool store_mark_running(struct store *s)
{
    int fd = open(s->mark, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool was_clean = fd >= 0 || errno != EEXIST;
    if (fd >= 0)
        close(fd);
    return was_clean;
}

static void look_through(struct store *s, struct check *c)
{
    sqlite3_stmt *q = NULL;
    int rc = db_open(&s->check, s->path, DB_READER, false);
    atomic_store(&s->checking, s->check.handle);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(s->check.handle, "PRAGMA quick_check(1)", -1, &q, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(q);
    if (rc == SQLITE_ROW)
        snprintf(c->found, sizeof c->found, "%s", db_text(q, 0));
    else
        snprintf(c->found, sizeof c->found, "%s", store_why(rc));
    c->interrupted = rc == SQLITE_INTERRUPT;
    c->whole = strcmp(c->found, "ok") == 0;
    sqlite3_finalize(q);
}

static void work(void *store, struct job *batch)
{
    for (struct job *job = batch; job != NULL; job = job->next)
        look_through(store, (struct check *)job);
}

static void on_looked_through(struct job *job)
{
    struct check *c = (struct check *)job;
    c->store->unchecked = !c->whole;
    if (!c->whole && !c->interrupted) {
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
    log_info("store the last stop was not clean: looking the file through");
    s->unchecked = true;
    c->store = s;
    c->job.done = on_looked_through;
    worker_give(s->checker, &c->job);
}

void store_check_end(struct store *s)
{
    sqlite3 *checking = atomic_load(&s->checking);
    if (s->checker != NULL && checking != NULL)
        sqlite3_interrupt(checking);
    worker_destroy(&s->checker);
    db_close(&s->check);
}

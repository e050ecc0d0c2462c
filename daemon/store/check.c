/* store_check.c - after a stop that was not clean, the file is looked through once, on a thread and
 * a connection of its own, while the daemon serves. Damage is told, and nothing is written to a
 * damaged file: reading goes on where it can. See store_inside.h. */
#include "private.h"

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
    bool whole, damaged; /* neither: it could not be looked through to the end */
    char found[200];     /* what SQLite says of the first fault */
};

/* --- the mark ------------------------------------------------------------------------------- */

#define BOOT_ID_BYTES 36

/* Names the run of the machine (random(4)); "" if it is not told. */
static void read_boot_id(char id[BOOT_ID_BYTES + 1])
{
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, id, BOOT_ID_BYTES);
    id[n < 0 ? 0 : n] = '\0';
    if (fd >= 0)
        close(fd);
}

/* The mark holds the boot in which the daemon ran. Another one: the machine went down with it, and
 * what was acknowledged last may be gone from the file (unless sync is "full"). */
enum store_stop store_read_mark(const struct store *s)
{
    char boot[BOOT_ID_BYTES + 1], before[BOOT_ID_BYTES + 1] = "";
    int fd = open(s->mark, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return STOP_CLEAN;
    read_boot_id(boot);
    ssize_t n = read(fd, before, BOOT_ID_BYTES);
    close(fd);
    return n > 0 && strncmp(before, boot, BOOT_ID_BYTES) == 0 ? STOP_KILLED : STOP_OTHER_BOOT;
}

bool store_write_mark(const struct store *s)
{
    char boot[BOOT_ID_BYTES + 1];
    int fd = open(s->mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    read_boot_id(boot);
    if (write(fd, boot, strlen(boot)) != (ssize_t)strlen(boot))
        log_warn("store mark=%s: %s", s->mark, strerror(errno));
    close(fd);
    return true;
}

/* --- the check ------------------------------------------------------------------------------ */

static int give_up(void *store) { return atomic_load(&((struct store *)store)->ending); }

static bool is_damage(int rc)
{
    return (rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB;
}

static void look_through(struct store *s, struct check *c)
{
    sqlite3_stmt *q = NULL;
    int rc = db_open(&s->check, s->path, DB_READER, false);
    if (rc == SQLITE_OK) {
        sqlite3_progress_handler(s->check.handle, 10000, give_up, s);
        rc = sqlite3_prepare_v2(s->check.handle, "PRAGMA quick_check(1)", -1, &q, NULL);
    }
    if (rc == SQLITE_OK)
        rc = sqlite3_step(q);
    snprintf(c->found, sizeof c->found, "%s", rc == SQLITE_ROW ? db_text(q, 0) : store_why(rc));
    c->whole = rc == SQLITE_ROW && strcmp(c->found, "ok") == 0;
    c->damaged = is_damage(rc) || (rc == SQLITE_ROW && !c->whole);
    sqlite3_finalize(q);
    db_close(&s->check);
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
    log_info("store the last stop was not clean: looking the file through");
    c->store = s;
    c->job.done = on_looked_through;
    worker_give(s->checker, &c->job);
}

void store_check_end(struct store *s)
{
    atomic_store(&s->ending, true);
    worker_destroy(&s->checker);
}

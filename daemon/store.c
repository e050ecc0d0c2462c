/* store.c - the store begins and ends: directory, lock, two connections, two threads, its health.
 * See store.h. */
#include "store_inside.h"

#include "chat/json.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define BATCH_MAX 512  /* jobs in one transaction */
#define PAUSE_MS  1000 /* without work: try a broken store again, clean up */

/* --- health --------------------------------------------------------------------------------- */

const char *store_why(int rc) { return sqlite3_errstr(rc & 0xff); }

const char *store_fault(const struct store *s)
{
    return atomic_load(&s->damaged) ? "the database is damaged" : atomic_load(&s->fault);
}

void store_set_fault(struct store *s, const char *why)
{
    const char *before = atomic_exchange(&s->fault, why);
    if (why != NULL && before != why)
        log_error("store cannot write: %s. Messages are refused until it can", why);
    if (why == NULL && before != NULL)
        log_info("store writes again");
}

size_t store_waiting(const struct store *s)
{
    return worker_waiting(s->writer) + worker_waiting(s->reader);
}

/* --- the directory -------------------------------------------------------------------------- */

static int lock_directory(struct store *s, const char *state)
{
    char path[4096];
    if (mkdir(state, 0700) != 0 && errno != EEXIST) {
        log_error("store state=%s: %s", state, strerror(errno));
        return -1;
    }
    snprintf(path, sizeof path, "%s/lock", state);
    s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (s->lock < 0 || flock(s->lock, LOCK_EX | LOCK_NB) != 0) {
        log_error("store state=%s: %s", state,
                  errno == EWOULDBLOCK ? "another chatd uses it" : strerror(errno));
        return -1;
    }
    return 0;
}

static int open_one(struct store *s, struct db *db, enum db_use use)
{
    int rc = db_open(db, s->path, use, s->sync_full);
    if (rc == SQLITE_OK)
        return 0;
    log_error("store file=%s: %s", s->path, store_why(rc));
    return -1;
}

static bool begin_threads(struct store *s, struct uv_loop_s *loop)
{
    const struct worker_ops writer = {store_work, BATCH_MAX, PAUSE_MS, s};
    const struct worker_ops reader = {store_answer, 1, 60 * PAUSE_MS, s};
    s->writer = worker_create(loop, "chatd-write", &writer);
    s->reader = worker_create(loop, "chatd-read", &reader);
    return s->writer != NULL && s->reader != NULL;
}

/* How the last run ended, and what follows from it. */
static int look_back(struct store *s, enum store_stop *stop_out)
{
    *stop_out = store_mark_running(s);
    s->opened = true;
    if (*stop_out != STOP_OTHER_BOOT || s->sync_full)
        return 0;
    return store_rename_logs(s) == SQLITE_OK ? 0 : -1;
}

struct store *store_create(struct uv_loop_s *loop, const struct store_config *config)
{
    enum store_stop stop = STOP_CLEAN;
    struct store *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    s->lock = -1;
    s->sync_full = config->sync_full;
    s->rooms_max = config->rooms;
    s->rooms_per_person = config->rooms_per_person;
    umask(027);
    if (asprintf(&s->path, "%s/chat.db", config->state) < 0)
        s->path = NULL;
    if (asprintf(&s->mark, "%s/running", config->state) < 0)
        s->mark = NULL;
    if (s->path == NULL || s->mark == NULL || lock_directory(s, config->state) != 0 ||
        open_one(s, &s->write, DB_WRITER) != 0 || open_one(s, &s->read, DB_READER) != 0 ||
        look_back(s, &stop) != 0 || !begin_threads(s, loop)) {
        store_destroy(&s);
        return NULL;
    }
    if (stop != STOP_CLEAN)
        store_check_begin(s, loop);
    return s;
}

void store_destroy(struct store **store)
{
    struct store *s = *store;
    if (s == NULL)
        return;
    worker_destroy(&s->writer);
    worker_destroy(&s->reader);
    store_check_end(s);
    store_forget_rooms(s);
    db_close(&s->read);
    db_close(&s->write); /* the last one: writes the WAL back */
    if (s->opened && !s->unchecked)
        unlink(s->mark);
    if (s->lock >= 0)
        close(s->lock);
    free(s->path);
    free(s->mark);
    free(s);
    *store = NULL;
}

struct archive *store_archive(struct store *s) { return (struct archive *)s; }

/* --- at start ------------------------------------------------------------------------------- */

enum err store_load_rooms(struct store *s, struct chat *chat)
{
    sqlite3_stmt *q = NULL;
    int rc = sqlite3_prepare_v2(s->read.handle,
                                "SELECT name, title, topic, post, log,"
                                " (SELECT max(seq) FROM event WHERE room = id)"
                                " FROM room WHERE name <> '' ORDER BY id",
                                -1, &q, NULL);
    enum err err = OK;
    while (rc == SQLITE_OK && err == OK && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        struct room_seed seed = {.name = db_text(q, 0),
                                 .title = db_text(q, 1),
                                 .topic = db_text(q, 2),
                                 .post = (enum role)sqlite3_column_int(q, 3),
                                 .log = db_text(q, 4),
                                 .last = (uint64_t)sqlite3_column_int64(q, 5)};
        err = chat_add_room(chat, &seed);
        rc = SQLITE_OK;
    }
    sqlite3_finalize(q);
    if (rc != SQLITE_DONE) {
        log_error("store reading rooms: %s", store_why(rc));
        return ERR_UNAVAILABLE;
    }
    return err;
}

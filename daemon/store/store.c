/* store.c - the store begins and ends: two connections, two threads, its health. See store.h. */
#include "private.h"

#include "log.h"

#include <stdio.h>
#include <stdlib.h>
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

/* --- begin and end -----------------------------------------------------------------------------
 */

static bool begin_threads(struct store *s, struct uv_loop_s *loop)
{
    const struct worker_ops writer = {store_work, BATCH_MAX, PAUSE_MS, s};
    const struct worker_ops reader = {store_answer, 1, 60 * PAUSE_MS, s};
    s->writer = worker_create(loop, "chatd-write", &writer);
    s->reader = worker_create(loop, "chatd-read", &reader);
    return s->writer != NULL && s->reader != NULL;
}

struct store *store_create(struct uv_loop_s *loop, const struct store_config *config)
{
    struct store *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    s->lock = -1;
    s->sync_full = config->sync_full;
    s->limits = config->limits;
    umask(027);
    pthread_mutex_init(&s->reading, NULL);
    if (asprintf(&s->path, "%s/chat.db", config->state) < 0)
        s->path = NULL;
    if (asprintf(&s->mark, "%s/running", config->state) < 0)
        s->mark = NULL;
    if (s->path == NULL || s->mark == NULL || store_open(s, config->state) != 0 ||
        !begin_threads(s, loop)) {
        store_destroy(&s);
        return NULL;
    }
    if (s->unchecked)
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
    pthread_mutex_destroy(&s->reading);
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
                                 .log = s->new_log[0] != '\0' ? s->new_log : db_text(q, 4),
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

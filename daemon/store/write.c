/* store_write.c - the writer's thread: all jobs that wait become one transaction. A fault of the
 * disk rolls it back whole; nothing of it has been acknowledged or delivered. See store_inside.h.
 */
#include "private.h"

#include "log.h"

#include <search.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* --- rooms ---------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void free_room(void *room)
{
    free(((struct log_room *)room)->name);
    free(room);
}

void store_forget_rooms(struct store *s)
{
    tdestroy(s->rooms, free_room);
    s->rooms = NULL;
}

static struct log_room *remember_room(struct store *s, const char *name, sqlite3_stmt *q)
{
    struct log_room *r = malloc(sizeof *r);
    if (r == NULL)
        return NULL;
    *r = (struct log_room){.name = strdup(name),
                           .id = sqlite3_column_int64(q, 0),
                           .last = (uint64_t)sqlite3_column_int64(q, 1),
                           .last_ms = sqlite3_column_int64(q, 2)};
    if (r->name == NULL || tsearch(r, &s->rooms, by_name) == NULL) {
        free_room(r);
        return NULL;
    }
    return r;
}

int store_find_room(struct store *s, const char *name, struct log_room **room_out)
{
    struct log_room **known = tfind(&name, &s->rooms, by_name);
    *room_out = known == NULL ? NULL : *known;
    if (known != NULL)
        return SQLITE_OK;
    sqlite3_stmt *q =
        db_statement(&s->write, "SELECT id, (SELECT max(seq) FROM event WHERE room = id),"
                                " (SELECT at FROM event WHERE room = id ORDER BY seq DESC"
                                " LIMIT 1) FROM room WHERE name = ?1");
    sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC);
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW && (*room_out = remember_room(s, name, q)) == NULL)
        rc = SQLITE_NOMEM;
    db_reset(q);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* --- submits -------------------------------------------------------------------------------- */

static int64_t wall_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int store_find_key(struct store *s, struct submit *j, int64_t room)
{
    if (j->e.key == NULL)
        return SQLITE_DONE;
    sqlite3_stmt *q = db_statement(
        &s->write,
        "SELECT seq, at, hash FROM event WHERE author = ?1 AND key = ?2 AND (room = 0) = ?3");
    sqlite3_bind_int64(q, 1, (int64_t)j->e.author);
    sqlite3_bind_text(q, 2, j->e.key, -1, SQLITE_STATIC);
    sqlite3_bind_int(q, 3, room == 0);
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW) {
        j->e.seq = (uint64_t)sqlite3_column_int64(q, 0);
        j->e.at_ms = sqlite3_column_int64(q, 1);
        j->w.err = (uint64_t)sqlite3_column_int64(q, 2) == j->hash ? OK : ERR_CONFLICT;
    }
    db_reset(q);
    return rc;
}

int store_insert(struct store *s, struct submit *j, int64_t room)
{
    struct event *e = &j->e;
    sqlite3_stmt *q = db_statement(
        &s->write, "INSERT INTO event(room, seq, at, kind, author, key, hash, of, body, now)"
                   " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
    sqlite3_bind_int64(q, 1, room);
    sqlite3_bind_int64(q, 2, (int64_t)e->seq);
    sqlite3_bind_int64(q, 3, e->at_ms);
    sqlite3_bind_int(q, 4, (int)e->kind);
    sqlite3_bind_int64(q, 5, (int64_t)e->author);
    sqlite3_bind_text(q, 6, e->key, -1, SQLITE_STATIC);
    sqlite3_bind_int64(q, 7, (int64_t)j->hash);
    if (e->of != 0)
        sqlite3_bind_int64(q, 8, (int64_t)e->of);
    if (j->told != NULL && e->kind == EVENT_POLL_CLOSED) { /* ballots are not there to judge by */
        e->body = j->told;
        e->body_bytes = strlen(j->told);
    }
    sqlite3_bind_text(q, 9, e->body, (int)e->body_bytes, SQLITE_STATIC);
    sqlite3_bind_text(q, 10, j->told, -1, SQLITE_STATIC);
    int rc = sqlite3_step(q);
    db_reset(q);
    if (j->told != NULL) {
        e->body = j->told;
        e->body_bytes = strlen(j->told);
    }
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* A node alone makes the keys of its polls itself. */
static int make_secret(struct store *s, const struct event *e, int64_t room)
{
    unsigned char key[SECRET_BYTES];
    if (e->kind != EVENT_POLL)
        return SQLITE_OK;
    randombytes_buf(key, sizeof key);
    int rc = store_set_secret(s, room, e->seq, key);
    sodium_memzero(key, sizeof key);
    return rc;
}

static int run_submit(struct store *s, struct write_job *job)
{
    struct submit *j = (struct submit *)job;
    struct log_room *room;
    int64_t now_ms = wall_ms();
    int rc = store_find_room(s, j->e.room, &room);
    if (rc != SQLITE_OK || room == NULL) {
        j->w.err = ERR_NO_SUCH_ROOM;
        return rc;
    }
    rc = store_find_key(s, j, room->id);
    if (rc != SQLITE_DONE)
        return rc == SQLITE_ROW ? SQLITE_OK : rc;
    j->e.seq = room->last + 1;
    j->e.at_ms = now_ms > room->last_ms ? now_ms : room->last_ms;
    rc = store_apply(s, &j->e, room->id, &j->w.err, &j->told);
    if (rc != SQLITE_OK || j->w.err != OK)
        return rc;
    rc = make_secret(s, &j->e, room->id);
    if (rc == SQLITE_OK)
        rc = store_insert(s, j, room->id);
    if (rc != SQLITE_OK)
        return rc;
    room->last = j->e.seq;
    room->last_ms = j->e.at_ms;
    j->is_new = true;
    return SQLITE_OK;
}

static void on_submitted(struct job *job)
{
    struct submit *j = (struct submit *)job;
    j->cb(j->arg, &(struct store_written){
                      .err = j->w.err, .is_new = j->is_new, .number = j->number, .e = j->e});
    free(j->told);
    free(j);
}

/* The strings of the event move behind the struct. */
static void copy_strings(struct submit *j, const struct event *e)
{
    char *to = (char *)(j + 1);
    j->e = *e;
    j->e.body = memcpy(to, e->body, e->body_bytes);
    to += e->body_bytes;
    *to++ = '\0';
    j->e.room = strcpy(to, e->room);
    if (e->key != NULL)
        j->e.key = strcpy(to + strlen(e->room) + 1, e->key);
}

struct submit *store_submit_create(struct store *s, const struct event *e, store_written_cb *cb,
                                   void *arg)
{
    size_t strings = e->body_bytes + 1 + strlen(e->room) + 1 + (e->key ? strlen(e->key) + 1 : 0);
    struct submit *j =
        worker_waiting(s->writer) >= STORE_WAITING_MAX ? NULL : calloc(1, sizeof *j + strings);
    if (j == NULL)
        return NULL;
    copy_strings(j, e);
    j->w.job.done = on_submitted;
    j->hash = event_hash(e);
    j->cb = cb;
    j->arg = arg;
    return j;
}

enum err store_submit(struct store *s, const struct event *e, store_written_cb *cb, void *arg)
{
    struct submit *j = store_submit_create(s, e, cb, arg);
    if (j == NULL)
        return ERR_UNAVAILABLE;
    j->w.run = run_submit;
    worker_give(s->writer, &j->w.job);
    return OK;
}

/* --- markers -------------------------------------------------------------------------------- */

struct mark {
    struct write_job w; /* first */
    uint64_t identity;
    struct archive_marker m;
    char room[];
};

static int run_mark(struct store *s, struct write_job *job)
{
    const struct mark *j = (struct mark *)job;
    sqlite3_stmt *q =
        db_statement(&s->write, "INSERT INTO marker(identity, room, read, joined)"
                                " SELECT ?1, id, ?3, ?4 FROM room WHERE name = ?2"
                                " ON CONFLICT(identity, room) DO UPDATE SET"
                                " read = max(read, excluded.read), joined = excluded.joined");
    sqlite3_bind_int64(q, 1, (int64_t)j->identity);
    sqlite3_bind_text(q, 2, j->room, -1, SQLITE_STATIC);
    sqlite3_bind_int64(q, 3, (int64_t)j->m.read);
    sqlite3_bind_int(q, 4, j->m.joined);
    return db_run(q);
}

static void on_marked(struct job *job) { free(job); }

void store_mark(struct archive *a, uint64_t identity, const struct archive_marker *m)
{
    struct store *s = (struct store *)a;
    struct mark *j = calloc(1, sizeof *j + strlen(m->room) + 1);
    if (j == NULL)
        return;
    j->w.job.done = on_marked;
    j->w.run = run_mark;
    j->identity = identity;
    j->m = *m;
    strcpy(j->room, m->room);
    worker_give(s->writer, &j->w.job);
}

/* --- transactions --------------------------------------------------------------------------- */

static int step(struct store *s, const char *sql)
{
    if (s->write.handle == NULL)
        return SQLITE_READONLY;
    sqlite3_stmt *q = db_statement(&s->write, sql);
    if (q == NULL)
        return sqlite3_errcode(s->write.handle);
    return db_run(q);
}

static int run_batch(struct store *s, struct job *batch)
{
    int rc = step(s, "BEGIN IMMEDIATE");
    for (struct job *job = batch; rc == SQLITE_OK && job != NULL; job = job->next) {
        struct write_job *w = (struct write_job *)job;
        rc = w->run(s, w);
    }
    return rc == SQLITE_OK ? step(s, "COMMIT") : rc;
}

/* Numbers that were given in the lost transaction are forgotten with it. */
static void undo(struct store *s, struct job *batch, int rc)
{
    step(s, "ROLLBACK"); /* fails if SQLite has done it already */
    store_forget_rooms(s);
    for (struct job *job = batch; job != NULL; job = job->next)
        ((struct write_job *)job)->err = ERR_UNAVAILABLE;
    store_set_fault(s, store_why(rc));
}

/* While writing fails, each pause tries it again, so that readiness comes back by itself. A
 * connection that was opened where nothing could be written stays such a one. */
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

/* A deleted text still lies in old pages of the write-ahead log: begin that anew. */
static void scrub(struct store *s)
{
    sqlite3_busy_timeout(s->write.handle, 0); /* somebody reads: after the next batch, then */
    int rc =
        sqlite3_wal_checkpoint_v2(s->write.handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite3_busy_timeout(s->write.handle, DB_BUSY_MS);
    s->scrub = rc != SQLITE_OK;
}

static void pause_work(struct store *s)
{
    if (atomic_load(&s->damaged))
        return;
    if (store_fault(s) != NULL)
        probe(s);
    if (s->scrub)
        scrub(s);
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
    if (rc == SQLITE_OK && s->scrub)
        scrub(s);
}

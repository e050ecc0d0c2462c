/* submit.c - see submit.h. */
#include "submit.h"

#include "feature.h"
#include "job.h"
#include "private.h"
#include "room.h"
#include "secret.h"

#include "clock.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* Without a hash the words of the first event are gone: then its room, kind and item must do. */
static bool is_same(sqlite3_stmt *q, const struct submit *j, int64_t room)
{
    uint64_t hash = (uint64_t)sqlite3_column_int64(q, 1);
    if (hash != 0)
        return hash == j->hash;
    return sqlite3_column_int64(q, 2) == room && sqlite3_column_int(q, 3) == (int)j->e.kind &&
           (uint64_t)sqlite3_column_int64(q, 4) == j->e.of;
}

int store_find_key(struct store *s, struct submit *j, int64_t room, enum key_scope scope)
{
    if (j->e.key == NULL)
        return SQLITE_DONE;
    sqlite3_stmt *q =
        db_statement(&s->write, "SELECT seq, hash, room, kind, of FROM event"
                                " WHERE author = ?1 AND key = ?2"
                                " AND (room = ?3 OR (?4 AND room != 0)) ORDER BY room != ?3");
    sqlite3_bind_int64(q, 1, (int64_t)j->e.author);
    db_bind_text(q, 2, j->e.key);
    sqlite3_bind_int64(q, 3, room);
    sqlite3_bind_int(q, 4, scope == KEY_OF_ROOMS && room != 0);
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW && is_same(q, j, room))
        j->verdict.since = (uint64_t)sqlite3_column_int64(q, 0);
    else if (rc == SQLITE_ROW)
        j->verdict.err = ERR_CONFLICT;
    db_reset(q);
    return rc;
}

int store_take_since(struct store *s, struct submit *j, int64_t room)
{
    sqlite3_stmt *q = db_statement(&s->write, "SELECT at FROM event WHERE room = ?1 AND seq = ?2");
    j->e.seq = j->verdict.since;
    db_bind_place(q, room, j->e.seq);
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW)
        j->e.at_ms = sqlite3_column_int64(q, 0);
    db_reset(q);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int store_judge(struct store *s, struct submit *j, int64_t room, enum key_scope scope)
{
    int rc = store_find_key(s, j, room, scope);
    j->verdict.one_order = scope == KEY_OF_ROOMS;
    if (rc == SQLITE_DONE)
        rc = features_apply(s, &j->e, room, &j->verdict);
    if (rc != SQLITE_OK && rc != SQLITE_ROW)
        return rc;
    j->w.err = j->verdict.err;
    j->is_new = j->w.err == OK && j->verdict.since == 0;
    return j->verdict.since > 0 ? store_take_since(s, j, room) : SQLITE_OK;
}

static void take_told(struct submit *j)
{
    if (j->verdict.told == NULL)
        return;
    j->e.body = j->verdict.told;
    j->e.body_bytes = strlen(j->verdict.told);
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
    db_bind_text(q, 6, e->key);
    sqlite3_bind_int64(q, 7, (int64_t)j->hash);
    if (e->of != 0)
        sqlite3_bind_int64(q, 8, (int64_t)e->of);
    if (j->verdict.told_is_body)
        take_told(j);
    sqlite3_bind_text(q, 9, e->body, (int)e->body_bytes, SQLITE_STATIC);
    db_bind_text(q, 10, j->verdict.told);
    int rc = sqlite3_step(q);
    db_reset(q);
    take_told(j);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* A single node makes the secrets of its events itself. */
static int make_secret(struct store *s, const struct event *e, int64_t room)
{
    unsigned char key[SECRET_BYTES];
    if (event_traits(e->kind)->secret != SECRET_OWN)
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
    int64_t now_ms = clock_wall_ms();
    store_submit_reset(j);
    int rc = store_find_room(s, j->e.room, &room);
    if (rc != SQLITE_OK || room == NULL) {
        j->w.err = ERR_NO_SUCH_ROOM;
        return rc;
    }
    j->e.seq = room->last + 1;
    j->e.wall_ms = now_ms;
    j->e.at_ms = event_time(now_ms, room->last_ms);
    rc = store_judge(s, j, room->id, KEY_OF_ROOMS);
    if (rc != SQLITE_OK || !j->is_new)
        return rc;
    rc = make_secret(s, &j->e, room->id);
    if (rc == SQLITE_OK)
        rc = store_insert(s, j, room->id);
    if (rc != SQLITE_OK)
        return rc;
    room->last = j->e.seq;
    room->last_ms = j->e.at_ms;
    return SQLITE_OK;
}

static void on_submitted(struct job *job)
{
    struct submit *j = (struct submit *)job;
    j->cb(j->arg, &(struct store_written){.err = j->w.err,
                                          .is_new = j->is_new,
                                          .is_void = j->is_void,
                                          .number = j->number,
                                          .e = j->e});
    free(j->verdict.told);
    free(j);
}

void store_submit_reset(struct submit *j)
{
    free(j->verdict.told);
    j->verdict = (struct verdict){0};
    j->e = j->given;
    j->w.err = OK;
    j->is_new = j->is_void = false;
}

/* Puts the strings of the event behind the struct. */
static void copy_strings(struct submit *j, const struct event *e)
{
    char *to = (char *)(j + 1);
    j->given = *e;
    j->given.body = memcpy(to, e->body, e->body_bytes);
    to += e->body_bytes;
    *to++ = '\0';
    j->given.room = strcpy(to, e->room);
    if (e->key != NULL)
        j->given.key = strcpy(to + strlen(e->room) + 1, e->key);
    j->e = j->given;
}

struct submit *store_submit_create(struct store *s, const struct event *e, store_written_cb *cb,
                                   void *arg)
{
    size_t strings = e->body_bytes + 1 + strlen(e->room) + 1 + (e->key ? strlen(e->key) + 1 : 0);
    struct submit *j = store_write_job(s, sizeof *j + strings);
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

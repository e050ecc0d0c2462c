/* secret.c - see secret.h. Only polls have secrets so far: they are the column `key` of poll. */
#include "secret.h"

#include "job.h"
#include "private.h"
#include "room.h"
#include "sql.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* --- keeping -------------------------------------------------------------------------------- */

int store_set_secret(struct store *s, int64_t room, uint64_t seq,
                     const unsigned char key[SECRET_BYTES])
{
    sqlite3_stmt *q =
        db_statement(&s->write, "UPDATE poll SET key = ?3 WHERE room = ?1 AND seq = ?2"
                                " AND key IS NULL AND (closed IS NULL OR NOT secret)");
    db_bind_place(q, room, seq);
    sqlite3_bind_blob(q, 3, key, SECRET_BYTES, SQLITE_STATIC);
    return db_run(q);
}

struct secret_job {
    struct write_job w; /* first */
    char room[ROOM_NAME_MAX + 1];
    uint64_t seq;
    unsigned char key[SECRET_BYTES];
    void (*done)(void *arg);
    void *arg;
};
FIRST(secret_job, w);

static int run_keep(struct store *s, struct write_job *job)
{
    const struct secret_job *j = (struct secret_job *)job;
    struct log_room *room;
    int rc = store_find_room(s, j->room, &room);
    return rc == SQLITE_OK && room != NULL ? store_set_secret(s, room->id, j->seq, j->key) : rc;
}

static void on_kept(struct job *job)
{
    struct secret_job *j = (struct secret_job *)job;
    j->done(j->arg);
    sodium_memzero(j->key, SECRET_BYTES);
    free(j);
}

bool store_keep_secret(struct store *s, const char *room, uint64_t seq,
                       const unsigned char key[SECRET_BYTES], void (*done)(void *arg), void *arg)
{
    struct secret_job *j = store_write_job(s, sizeof *j);
    if (j == NULL)
        return false;
    j->done = done;
    j->arg = arg;
    j->w.job.done = on_kept;
    j->w.run = run_keep;
    strncpy(j->room, room, sizeof j->room - 1);
    j->seq = seq;
    memcpy(j->key, key, sizeof j->key);
    worker_give(s->writer, &j->w.job);
    return true;
}

/* --- reading -------------------------------------------------------------------------------- */

struct secrets_question {
    struct read_job r; /* first */
    char room[ROOM_NAME_MAX + 1];
    store_secrets_cb *cb;
    void *arg;
    struct store_secret *keys;
    size_t n;
};
FIRST(secrets_question, r);

static int add_secret(struct secrets_question *k, sqlite3_stmt *q)
{
    struct store_secret *keys = realloc(k->keys, (k->n + 1) * sizeof *keys);
    if (keys == NULL)
        return SQLITE_NOMEM;
    k->keys = keys;
    keys[k->n] = (struct store_secret){.seq = (uint64_t)sqlite3_column_int64(q, 0)};
    memcpy(keys[k->n].key, sqlite3_column_blob(q, 1), SECRET_BYTES);
    k->n++;
    return SQLITE_ROW;
}

static int answer_secrets(struct store *s, struct read_job *r)
{
    struct secrets_question *k = (struct secrets_question *)r;
    sqlite3_stmt *q = db_statement(&s->read, "SELECT seq, key FROM poll WHERE room = " SQL_ROOM
                                             " AND closed IS NULL AND length(key) = ?2");
    int rc = SQLITE_ROW;
    db_bind_text(q, 1, k->room);
    sqlite3_bind_int(q, 2, SECRET_BYTES);
    while (rc == SQLITE_ROW && (rc = sqlite3_step(q)) == SQLITE_ROW)
        rc = add_secret(k, q);
    db_reset(q);
    return rc;
}

static void on_secrets(struct job *job)
{
    struct secrets_question *k = (struct secrets_question *)job;
    k->cb(k->arg, k->r.err, k->keys, k->n);
    if (k->keys != NULL)
        sodium_memzero(k->keys, k->n * sizeof *k->keys);
    free(k->keys);
    free(k);
}

enum err store_secrets(struct store *s, const char *room, store_secrets_cb *cb, void *arg)
{
    struct secrets_question *k = store_read_job(s, sizeof *k);
    if (k == NULL)
        return ERR_UNAVAILABLE;
    k->r.job.done = on_secrets;
    k->r.answer = answer_secrets;
    strncpy(k->room, room, sizeof k->room - 1);
    k->cb = cb;
    k->arg = arg;
    worker_give(s->reader, &k->r.job);
    return OK;
}

/* --- ended polls ---------------------------------------------------------------------------- */

struct ends_question {
    struct read_job r; /* first */
    char room[ROOM_NAME_MAX + 1];
    store_secrets_ended_cb *cb;
    void *arg;
    size_t n;
    uint64_t seqs[];
};
FIRST(ends_question, r);

/* A poll has ended if it was closed, deleted or rejected. One that is not here, or was lost in a
 * gap, may be open on other nodes. */
static bool has_ended(sqlite3_stmt *q)
{
    enum event_kind kind = (enum event_kind)sqlite3_column_int(q, 0);
    bool deleted = sqlite3_column_int(q, 1), closed = sqlite3_column_int(q, 2);
    return kind == EVENT_VOID || (event_traits(kind)->secret == SECRET_OWN && (deleted || closed));
}

static int answer_ends(struct store *s, struct read_job *r)
{
    struct ends_question *k = (struct ends_question *)r;
    sqlite3_stmt *q = db_statement(&s->read, "SELECT kind, now IS NOT NULL,"
                                             " closed IS NOT NULL AND digest IS NOT NULL"
                                             " FROM event LEFT JOIN poll USING (room, seq)"
                                             " WHERE room = " SQL_ROOM " AND seq = ?2");
    size_t ended = 0;
    int rc = SQLITE_ROW;
    for (size_t i = 0; i < k->n && (rc == SQLITE_ROW || rc == SQLITE_DONE); i++) {
        db_bind_text(q, 1, k->room);
        sqlite3_bind_int64(q, 2, (int64_t)k->seqs[i]);
        rc = sqlite3_step(q);
        if (rc == SQLITE_ROW && has_ended(q))
            k->seqs[ended++] = k->seqs[i];
        db_reset(q);
    }
    k->n = ended;
    return rc;
}

static void on_ends(struct job *job)
{
    struct ends_question *k = (struct ends_question *)job;
    k->cb(k->arg, k->r.err, k->seqs, k->r.err == OK ? k->n : 0);
    free(k);
}

enum err store_secrets_ended(struct store *s, const char *room, const uint64_t *seqs, size_t n,
                             store_secrets_ended_cb *cb, void *arg)
{
    struct ends_question *k = store_read_job(s, sizeof *k + n * sizeof *seqs);
    if (k == NULL)
        return ERR_UNAVAILABLE;
    k->r.job.done = on_ends;
    k->r.answer = answer_ends;
    strncpy(k->room, room, sizeof k->room - 1);
    memcpy(k->seqs, seqs, n * sizeof *seqs);
    k->n = n;
    k->cb = cb;
    k->arg = arg;
    worker_give(s->reader, &k->r.job);
    return OK;
}

/* store_poll_read.c - questions about polls, on the reader's thread: how one stands, for whom, what
 * was voted in it, and which keys there are. See store_inside.h, store_poll.c. */
#include "private.h"

#include "chat/base/object.h"
#include "chat/base/voter.h"
#include "log.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define VOTES_TOLD 100 /* names that an item has, of the votes in an open poll */

#define ROOM_ID "(SELECT id FROM room WHERE name = ?1)"

static void bind_at(sqlite3_stmt *q, const char *room, uint64_t seq)
{
    sqlite3_bind_text(q, 1, room, -1, SQLITE_STATIC);
    sqlite3_bind_int64(q, 2, (int64_t)seq);
}

/* --- an item -------------------------------------------------------------------------------- */

/* ,"mine":[…]: known as long as there is a key. */
static int write_mine(struct db *db, const char *room, uint64_t poll, const void *key,
                      uint64_t identity, struct bytes *to)
{
    sqlite3_stmt *q = db_statement(db, "SELECT choices FROM ballot WHERE room = " ROOM_ID
                                       " AND poll = ?2 AND voter = ?3");
    bind_at(q, room, poll);
    sqlite3_bind_int64(q, 3, (int64_t)poll_voter_number(key, identity));
    int rc = sqlite3_step(q);
    bytes_add_text(to, ",\"mine\":[");
    bytes_add_text(to, rc == SQLITE_ROW ? db_text(q, 0) : "");
    bytes_add_text(to, "]");
    db_reset(q);
    return rc == SQLITE_DONE ? SQLITE_ROW : rc;
}

/* ,"votes":[{"from":…,"choices":[…]}…] */
static int write_votes(struct db *db, const char *room, uint64_t poll, struct bytes *to)
{
    sqlite3_stmt *q =
        db_statement(db, "SELECT nick, choices FROM ballot WHERE room = " ROOM_ID
                         " AND poll = ?2 AND nick IS NOT NULL ORDER BY nick LIMIT ?3");
    int rc, n = 0;
    bind_at(q, room, poll);
    sqlite3_bind_int(q, 3, VOTES_TOLD);
    bytes_add_text(to, ",\"votes\":[");
    while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
        bytes_add_text(to, n++ > 0 ? ",{\"from\":" : "{\"from\":");
        bytes_add_json(to, db_text(q, 0));
        bytes_add_text(to, ",\"choices\":[");
        bytes_add_text(to, db_text(q, 1));
        bytes_add_text(to, "]}");
    }
    bytes_add_text(to, "]");
    db_reset(q);
    return rc == SQLITE_DONE ? SQLITE_ROW : rc;
}

static void write_end(sqlite3_stmt *q, struct bytes *to)
{
    bytes_add_text(to, ",\"closed_at\":");
    bytes_add_text(to, db_text(q, 4));
    if (sqlite3_column_type(q, 6) == SQLITE_NULL) {
        bytes_add_text(to, ",\"lost\":true");
        return;
    }
    if (sqlite3_column_type(q, 5) != SQLITE_NULL) {
        bytes_add_text(to, ",\"closed_by\":");
        bytes_add_json(to, db_text(q, 5));
    }
    bytes_add_text(to, ",\"digest\":");
    bytes_add_json(to, db_text(q, 6));
}

int store_poll_now(struct db *db, const char *room, uint64_t poll, uint64_t identity,
                   struct bytes *to)
{
    sqlite3_stmt *q =
        db_statement(db, "SELECT secret, live, voters, counts, closed, closed_by, digest,"
                         " key FROM poll WHERE room = " ROOM_ID " AND seq = ?2");
    bind_at(q, room, poll);
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW) {
        bool secret = sqlite3_column_int(q, 0) != 0, closed = sqlite3_column_int64(q, 4) != 0;
        bool lost = closed && sqlite3_column_type(q, 6) == SQLITE_NULL;
        bool visible = !lost && (closed || sqlite3_column_int(q, 1) != 0);
        bytes_add_text(to, "{\"voters\":");
        bytes_add_text(to, db_text(q, 2));
        if (visible) {
            bytes_add_text(to, ",\"counts\":");
            bytes_add_text(to, db_text(q, 3));
        }
        bytes_add_text(to, closed ? ",\"closed\":true" : ",\"closed\":false");
        if (closed)
            write_end(q, to);
        if (identity != 0 && sqlite3_column_bytes(q, 7) == SECRET_BYTES)
            rc = write_mine(db, room, poll, sqlite3_column_blob(q, 7), identity, to);
        if (rc == SQLITE_ROW && visible && !secret)
            rc = write_votes(db, room, poll, to);
        bytes_add(to, "}", 2);
    }
    db_reset(q);
    return rc;
}

/* --- questions ------------------------------------------------------------------------------ */

/* SQLITE_ROW, or SQLITE_DONE with ERR_NOT_FOUND. */
static int find_poll(struct db *db, const char *room, struct ask_poll *q, bool *whole_out)
{
    sqlite3_stmt *s = db_statement(
        db, "SELECT author, options, max, secret, live, closed, poll.key, whole FROM poll"
            " JOIN event USING (room, seq) WHERE poll.room = " ROOM_ID " AND poll.seq = ?2");
    bind_at(s, room, q->seq);
    int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW) {
        q->author = (uint64_t)sqlite3_column_int64(s, 0);
        q->options = (unsigned)sqlite3_column_int(s, 1);
        q->max = (unsigned)sqlite3_column_int(s, 2);
        q->secret = sqlite3_column_int(s, 3) != 0;
        q->live = sqlite3_column_int(s, 4) != 0;
        q->closed = sqlite3_column_type(s, 5) != SQLITE_NULL;
        q->has_key = sqlite3_column_bytes(s, 6) == SECRET_BYTES;
        *whole_out = sqlite3_column_int(s, 7) != 0;
        if (q->has_key)
            memcpy(q->key, sqlite3_column_blob(s, 6), SECRET_BYTES);
    } else if (rc == SQLITE_DONE) {
        q->ask.err = ERR_NOT_FOUND;
    }
    db_reset(s);
    return rc;
}

int store_answer_poll(struct db *db, struct ask *ask)
{
    bool whole;
    return find_poll(db, ask->room, (struct ask_poll *)ask, &whole);
}

/* --- ballots -------------------------------------------------------------------------------- */

static int write_ballots(struct db *db, struct ask_ballots *p)
{
    struct bytes *to = &p->ask.text;
    sqlite3_stmt *q = db_statement(db, "SELECT code, choices FROM ballot WHERE room = " ROOM_ID
                                       " AND poll = ?2 ORDER BY code LIMIT ?3 OFFSET ?4");
    int rc;
    unsigned n = 0;
    bind_at(q, p->ask.room, p->poll);
    sqlite3_bind_int64(q, 3, (int64_t)p->limit + 1);
    sqlite3_bind_int64(q, 4, (int64_t)p->after);
    array_begin(to, NULL);
    while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
        if (n++ == p->limit) {
            p->more = true;
            continue;
        }
        object_begin(to, NULL);
        object_add_text(to, "code", db_text(q, 0));
        array_begin(to, "choices");
        bytes_add_text(to, db_text(q, 1));
        array_end(to);
        object_end(to);
    }
    array_end(to);
    db_reset(q);
    return to->failed ? SQLITE_NOMEM : rc;
}

int store_answer_ballots(struct db *db, struct ask *ask)
{
    struct ask_ballots *p = (struct ask_ballots *)ask;
    struct ask_poll poll = {.seq = p->poll};
    bool whole = false;
    int rc = find_poll(db, ask->room, &poll, &whole);
    ask->err = poll.ask.err;
    if (rc == SQLITE_ROW && !poll.closed)
        ask->err = ERR_FORBIDDEN;
    else if (rc == SQLITE_ROW && !whole) /* another node may have them */
        ask->err = ERR_UNAVAILABLE;
    return rc == SQLITE_ROW && ask->err == OK ? write_ballots(db, p) : rc;
}

/* --- keys ----------------------------------------------------------------------------------- */

struct keys_question {
    struct read_job r; /* first */
    char room[ROOM_NAME_MAX + 1];
    store_secrets_cb *cb;
    void *arg;
    struct store_secret *keys;
    size_t n;
};

static int add_key(struct keys_question *k, sqlite3_stmt *q)
{
    struct store_secret *keys = realloc(k->keys, (k->n + 1) * sizeof *keys);
    if (keys == NULL)
        return SQLITE_NOMEM;
    k->keys = keys;
    keys[k->n] = (struct store_secret){.poll = (uint64_t)sqlite3_column_int64(q, 0)};
    memcpy(keys[k->n].key, sqlite3_column_blob(q, 1), SECRET_BYTES);
    k->n++;
    return SQLITE_ROW;
}

static int answer_keys(struct db *db, struct read_job *r)
{
    struct keys_question *k = (struct keys_question *)r;
    sqlite3_stmt *q = NULL;
    int rc = sqlite3_prepare_v2(db->handle,
                                "SELECT seq, key FROM poll WHERE room = " ROOM_ID
                                " AND closed IS NULL AND length(key) = 32",
                                -1, &q, NULL);
    if (rc == SQLITE_OK)
        rc = SQLITE_ROW;
    sqlite3_bind_text(q, 1, k->room, -1, SQLITE_STATIC);
    while (rc == SQLITE_ROW && (rc = sqlite3_step(q)) == SQLITE_ROW)
        rc = add_key(k, q);
    sqlite3_finalize(q);
    return rc;
}

static void on_keys(struct job *job)
{
    struct keys_question *k = (struct keys_question *)job;
    k->cb(k->arg, k->r.err, k->keys, k->n);
    if (k->keys != NULL)
        sodium_memzero(k->keys, k->n * sizeof *k->keys);
    free(k->keys);
    free(k);
}

enum err store_secrets(struct store *s, const char *room, store_secrets_cb *cb, void *arg)
{
    struct keys_question *k = calloc(1, sizeof *k);
    if (k == NULL)
        return ERR_UNAVAILABLE;
    k->r.job.done = on_keys;
    k->r.answer = answer_keys;
    strncpy(k->room, room, sizeof k->room - 1);
    k->cb = cb;
    k->arg = arg;
    return store_give_question(s, &k->r);
}

/* --- what has ended ------------------------------------------------------------------------- */

struct ends_question {
    struct read_job r; /* first */
    char room[ROOM_NAME_MAX + 1];
    store_secrets_ended_cb *cb;
    void *arg;
    size_t n;
    uint64_t polls[];
};

/* It was closed, deleted, or refused. What is not here, or lost in a gap, may be open elsewhere. */
static int answer_ends(struct db *db, struct read_job *r)
{
    struct ends_question *k = (struct ends_question *)r;
    sqlite3_stmt *q = db_statement(
        db, "SELECT 1 FROM event LEFT JOIN poll USING (room, seq) WHERE room = " ROOM_ID
            " AND seq = ?2 AND (kind = 127 OR (kind = 2 AND (now IS NOT NULL"
            " OR (closed IS NOT NULL AND digest IS NOT NULL))))");
    size_t ended = 0;
    int rc = SQLITE_ROW;
    for (size_t i = 0; i < k->n && (rc == SQLITE_ROW || rc == SQLITE_DONE); i++) {
        bind_at(q, k->room, k->polls[i]);
        rc = sqlite3_step(q);
        if (rc == SQLITE_ROW)
            k->polls[ended++] = k->polls[i];
        db_reset(q);
    }
    k->n = ended;
    return rc;
}

static void on_ends(struct job *job)
{
    struct ends_question *k = (struct ends_question *)job;
    k->cb(k->arg, k->r.err, k->polls, k->r.err == OK ? k->n : 0);
    free(k);
}

enum err store_secrets_ended(struct store *s, const char *room, const uint64_t *polls, size_t n,
                             store_secrets_ended_cb *cb, void *arg)
{
    struct ends_question *k = calloc(1, sizeof *k + n * sizeof *polls);
    if (k == NULL)
        return ERR_UNAVAILABLE;
    k->r.job.done = on_ends;
    k->r.answer = answer_ends;
    strncpy(k->room, room, sizeof k->room - 1);
    memcpy(k->polls, polls, n * sizeof *polls);
    k->n = n;
    k->cb = cb;
    k->arg = arg;
    return store_give_question(s, &k->r);
}

/* --- at start ------------------------------------------------------------------------------- */

enum err store_load_polls(struct store *s, struct chat *chat)
{
    sqlite3_stmt *q = NULL;
    int rc =
        sqlite3_prepare_v2(s->read.handle,
                           "SELECT name, seq, closes FROM poll JOIN room ON room.id = poll.room"
                           " WHERE closed IS NULL AND closes IS NOT NULL",
                           -1, &q, NULL);
    enum err err = OK;
    while (rc == SQLITE_OK && err == OK && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        err = chat_add_poll(chat, db_text(q, 0), (uint64_t)sqlite3_column_int64(q, 1),
                            sqlite3_column_int64(q, 2));
        rc = SQLITE_OK;
    }
    sqlite3_finalize(q);
    if (rc != SQLITE_DONE)
        log_error("store reading polls: %s", store_why(rc));
    return rc == SQLITE_DONE ? err : ERR_UNAVAILABLE;
}

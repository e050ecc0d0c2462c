/* identity.c - see identity.h. Also the feature of nicks and their holders. */
#include "identity.h"

#include "feature.h"
#include "job.h"
#include "private.h"
#include "reject.h"
#include "sql.h"

#include "chat/base/json.h"
#include "log.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const struct schema_step schema[] = {
    {1,
     "CREATE TABLE identity(id INTEGER PRIMARY KEY, nick TEXT NOT NULL, skeleton TEXT NOT NULL "
     "UNIQUE,"
     " token BLOB NOT NULL, seen INTEGER NOT NULL) STRICT;"
     "CREATE TABLE marker(identity INTEGER NOT NULL, room INTEGER NOT NULL, read INTEGER NOT NULL,"
     " joined INTEGER NOT NULL, PRIMARY KEY(identity, room)) STRICT, WITHOUT ROWID;"},
    /* How the nick looks as typed, where its skeleton does not say it. */
    {6, "ALTER TABLE identity ADD COLUMN look TEXT;"
        "CREATE INDEX identity_look ON identity(look);"},
    {16, "ALTER TABLE marker ADD COLUMN backs INTEGER NOT NULL DEFAULT 0;"},
    {0, NULL},
};

/* --- nicks ---------------------------------------------------------------------------------- */

struct claimed {
    int64_t id, free_before;
    const char *nick, *skeleton, *look;
    bool free; /* the nick goes to nobody, and anybody can claim it */
    unsigned char token[TOKEN_HASH_BYTES];
};

/* Strings are borrowed from `body`. */
static bool read_claimed(const json_t *body, struct claimed *c)
{
    size_t n = 0;
    const char *hex = field_string(body, "token");
    c->id = field_int(body, "identity", 0);
    c->free_before = field_int(body, "free_before", 0);
    c->nick = field_string(body, "nick");
    c->skeleton = field_string(body, "skeleton");
    c->look = field_string(body, "look");
    c->free = field_bool(body, "free");
    return hex != NULL &&
           sodium_hex2bin(c->token, sizeof c->token, hex, strlen(hex), NULL, &n, NULL) == 0;
}

/* The others whose nick looks like a new one. A holder who renews theirs keeps it. */
#define IS_LIKE                                                                                    \
    " FROM identity WHERE skeleton != ?2 AND (skeleton = ?3 OR look IN (?2, ?3))"                  \
    " AND NOT EXISTS(SELECT 1 FROM identity WHERE id = ?1)"

static sqlite3_stmt *ask_like(struct store *s, const struct claimed *c, const char *sql)
{
    sqlite3_stmt *q = db_statement(&s->write, sql);
    sqlite3_bind_int64(q, 1, c->id);
    db_bind_text(q, 2, c->skeleton);
    db_bind_text(q, 3, c->look == NULL ? c->skeleton : c->look);
    return q;
}

/* Removes those who have been away too long, except with a standing, and looks for the rest. */
static int find_like(struct store *s, const struct claimed *c, bool *found_out)
{
    sqlite3_stmt *q = ask_like(s, c,
                               "DELETE" IS_LIKE " AND seen < ?4 AND NOT EXISTS(SELECT 1 FROM"
                               " standing WHERE standing.identity = identity.id)");
    sqlite3_bind_int64(q, 4, c->free_before);
    int rc = db_run(q);
    if (rc != SQLITE_OK)
        return rc;
    q = ask_like(s, c, "SELECT 1" IS_LIKE);
    rc = sqlite3_step(q);
    *found_out = rc == SQLITE_ROW;
    db_reset(q);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* A nick whose holder was last seen before `free_before` goes to the new identity. */
static int hold(struct store *s, const struct claimed *c, int64_t at_ms, bool *taken_out)
{
    sqlite3_stmt *q = db_statement(
        &s->write, "INSERT INTO identity(id, nick, skeleton, token, seen, look)"
                   " VALUES(?1, ?2, ?3, ?4, ?5, ?7)"
                   " ON CONFLICT(skeleton) DO UPDATE SET id = excluded.id, nick = excluded.nick,"
                   " token = excluded.token, seen = excluded.seen, look = excluded.look"
                   " WHERE identity.id = excluded.id OR identity.seen < ?6");
    sqlite3_bind_int64(q, 1, c->id);
    db_bind_text(q, 2, c->nick);
    db_bind_text(q, 3, c->skeleton);
    sqlite3_bind_blob(q, 4, c->token, sizeof c->token, SQLITE_STATIC);
    sqlite3_bind_int64(q, 5, at_ms);
    sqlite3_bind_int64(q, 6, c->free_before);
    db_bind_text(q, 7, c->look);
    int rc = db_run(q);
    *taken_out = rc == SQLITE_OK && sqlite3_changes(s->write.handle) == 0;
    return rc;
}

static int apply_identity(struct store *s, const struct event *e, int64_t room, struct verdict *v)
{
    (void)room;
    struct claimed c;
    bool taken = false;
    int rc = SQLITE_OK;
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    if (!read_claimed(body, &c))
        v->err = ERR_BAD_FIELD;
    else if (c.free)
        rc = hold(s, &c, 0, &taken);
    else if ((rc = find_like(s, &c, &taken)) == SQLITE_OK && !taken)
        rc = hold(s, &c, e->wall_ms, &taken);
    if (taken)
        v->err = ERR_NICK_TAKEN;
    json_decref(body);
    return rc;
}

static const struct feature_kind kinds[] = {{EVENT_IDENTITY, apply_identity}, {0, NULL}};

/* --- markers -------------------------------------------------------------------------------- */

struct mark {
    struct write_job w; /* first */
    uint64_t identity;
    struct archive_marker m;
};
FIRST(mark, w);

static int run_mark(struct store *s, struct write_job *job)
{
    const struct mark *j = (struct mark *)job;
    sqlite3_stmt *q =
        db_statement(&s->write, "INSERT INTO marker(identity, room, read, joined, backs)"
                                " SELECT ?1, id, ?3, ?4, ?5 FROM room WHERE name = ?2"
                                " ON CONFLICT(identity, room) DO UPDATE SET read ="
                                " iif(excluded.backs = backs, max(read, excluded.read),"
                                " iif(excluded.backs > backs, excluded.read, read)),"
                                " backs = max(backs, excluded.backs), joined = excluded.joined");
    sqlite3_bind_int64(q, 1, (int64_t)j->identity);
    db_bind_text(q, 2, j->m.room);
    sqlite3_bind_int64(q, 3, (int64_t)j->m.read);
    sqlite3_bind_int(q, 4, j->m.joined);
    sqlite3_bind_int64(q, 5, (int64_t)j->m.backs);
    return db_run(q);
}

static void on_marked(struct job *job) { free(job); }

/* A line for each would flood the log while the writer stands still. */
static void log_lost(struct store *s)
{
    s->marks_lost++;
    if ((s->marks_lost & (s->marks_lost - 1)) == 0)
        log_warn("store read markers lost=%u: too much is waiting", s->marks_lost);
}

void store_mark(struct archive *a, uint64_t identity, const struct archive_marker *m)
{
    struct store *s = (struct store *)a;
    struct mark *j = store_write_job(s, sizeof *j);
    if (j == NULL) {
        log_lost(s);
        return;
    }
    j->w.job.done = on_marked;
    j->w.run = run_mark;
    j->identity = identity;
    j->m = *m;
    worker_give(s->writer, &j->w.job);
}

static int forget_room(struct store *s, int64_t room, int most)
{
    sqlite3_stmt *q = db_statement(&s->write, SQL_FORGET_ROOM("marker", "identity"));
    db_bind_place(q, room, (uint64_t)most);
    return db_run(q);
}

/* --- answers -------------------------------------------------------------------------------- */

static int read_markers(struct store *store, struct ask_identity *q)
{
    sqlite3_stmt *s = db_statement(
        &store->read, "SELECT name, read, joined, backs, ifnull(value, 0) FROM marker"
                      " JOIN room ON room.id = marker.room LEFT JOIN setting"
                      " ON setting.identity = marker.identity AND setting.room = marker.room"
                      " WHERE marker.identity = ?1");
    int rc;
    sqlite3_bind_int64(s, 1, (int64_t)q->id);
    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
        if (!room_name_ok(db_text(s, 0)) || sqlite3_column_int64(s, 1) < 0 ||
            sqlite3_column_int64(s, 1) > SEQ_MAX || sqlite3_column_int64(s, 3) < 0) {
            store_reject_row(store, SERVER_LOG, q->id, "a marker");
            continue;
        }
        struct archive_marker m = {.read = (uint64_t)sqlite3_column_int64(s, 1),
                                   .backs = (uint64_t)sqlite3_column_int64(s, 3),
                                   .joined = sqlite3_column_int(s, 2) != 0};
        if (sqlite3_column_int64(s, 4) > 0 && sqlite3_column_int64(s, 4) < LEVELS)
            m.level = (enum level)sqlite3_column_int(s, 4);
        strncpy(m.room, db_text(s, 0), sizeof m.room - 1);
        bytes_add(&q->ask.rows, &m, sizeof m);
    }
    db_reset(s);
    return q->ask.rows.failed ? SQLITE_NOMEM : rc;
}

static bool is_identity(sqlite3_stmt *s)
{
    int64_t id = sqlite3_column_int64(s, 0);
    return id > 0 && id <= IDENTITY_MAX && db_text(s, 1)[0] != '\0' &&
           db_text_ok(s, 1, NICK_BYTES_MAX) && sqlite3_column_bytes(s, 2) == TOKEN_HASH_BYTES;
}

static int answer_identity(struct store *store, struct ask *ask)
{
    struct db *db = &store->read;
    struct ask_identity *q = (struct ask_identity *)ask;
    sqlite3_stmt *s = db_statement(
        db, "SELECT id, nick, token, seen, (SELECT value FROM setting WHERE"
            " setting.identity = identity.id AND room = 0) FROM identity WHERE skeleton = ?1");
    db_bind_text(s, 1, q->skeleton);
    int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW && !is_identity(s)) { /* the nick is neither free nor anybody's */
        store_reject_row(store, SERVER_LOG, (uint64_t)sqlite3_column_int64(s, 0), "an identity");
        ask->err = ERR_UNAVAILABLE;
    } else if (rc == SQLITE_ROW) {
        bytes_add_text(&ask->text, db_text(s, 1));
        bytes_add(&ask->text, "", 1);
        memcpy(q->token_hash, sqlite3_column_blob(s, 2), TOKEN_HASH_BYTES);
        q->id = (uint64_t)sqlite3_column_int64(s, 0);
        q->seen_ms = sqlite3_column_int64(s, 3);
        q->pause_ms = (uint64_t)sqlite3_column_int64(s, 4);
        q->found = true;
    }
    db_reset(s);
    if (ask->text.failed)
        return SQLITE_NOMEM;
    return q->found ? read_markers(store, q) : rc;
}

static int find_name(struct store *store, const char *skeleton, size_t place, struct bytes *rows)
{
    sqlite3_stmt *s =
        db_statement(&store->read, "SELECT id, nick, token FROM identity WHERE skeleton = ?1");
    db_bind_text(s, 1, skeleton);
    int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW && is_identity(s)) {
        struct archive_name row = {.place = place,
                                   .identity = (uint64_t)sqlite3_column_int64(s, 0)};
        strcpy(row.nick, db_text(s, 1));
        bytes_add(rows, &row, sizeof row);
    }
    db_reset(s);
    return rows->failed ? SQLITE_NOMEM : rc;
}

static int answer_names(struct store *store, struct ask *ask)
{
    const char *at = ask->text.at, *end = at + ask->text.size;
    int rc = SQLITE_DONE;
    for (size_t place = 0; at < end && (rc == SQLITE_DONE || rc == SQLITE_ROW); place++) {
        if (*at != '\0')
            rc = find_name(store, at, place, &ask->rows);
        at += strlen(at) + 1;
    }
    return rc;
}

static const struct feature_answer answers[] = {
    {ASK_IDENTITY, answer_identity}, {ASK_NAMES, answer_names}, {0, NULL}};

const struct store_feature identity_feature = {
    .schema = schema, .kinds = kinds, .answers = answers, .forget_room = forget_room};

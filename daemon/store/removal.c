/* removal.c - the feature that removes rooms. Every node comes to the same verdict from the
 * server's log alone, since nodes copy the logs of rooms at different times: whether somebody has
 * written in the room just now, Redis judges when it numbers the event, or here the node that is
 * alone. */
#include "removal.h"

#include "feature.h"
#include "job.h"
#include "private.h"
#include "room.h"

#include "chat/base/json.h"

#include <stdlib.h>
#include <string.h>

/* `lives`: the rooms that have had this name and are removed. The next one with this name has other
 * keys in Redis. */
static const struct schema_step schema[] = {
    {12, "ALTER TABLE room ADD COLUMN life INTEGER NOT NULL DEFAULT 0;"
         "CREATE TABLE room_past(name TEXT PRIMARY KEY, lives INTEGER NOT NULL) STRICT,"
         " WITHOUT ROWID;"
         "CREATE INDEX marker_room ON marker(room);"},
    /* Rooms that are removed, but some of their rows are still there. */
    {14, "CREATE TABLE room_rest(id INTEGER PRIMARY KEY) STRICT;"},
    {0, NULL},
};

/* --- the verdict ---------------------------------------------------------------------------- */

/* What the room's row says of how it was made. */
struct made {
    uint64_t creator; /* 0: the configuration */
    uint64_t seq;     /* of its event in the server's log */
};

static int find_made(struct store *s, int64_t room, struct made *out)
{
    int64_t at_ms;
    sqlite3_stmt *q = db_statement(&s->write, "SELECT creator, log FROM room WHERE id = ?1");
    sqlite3_bind_int64(q, 1, room);
    *out = (struct made){0};
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW) {
        out->creator = (uint64_t)sqlite3_column_int64(q, 0);
        event_of_log(db_text(q, 1), &at_ms, &out->seq);
    }
    db_reset(q);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

/* The operator removes any room, the clock only those of people. */
static enum err judge(const struct log_room *r, const struct made *made, const json_t *body,
                      bool one_order)
{
    bool by_clock = json_object_get(body, "last") != NULL;
    if (by_clock && made->creator == 0)
        return ERR_FORBIDDEN;
    bool grown = one_order && by_clock && r->last > (uint64_t)field_int(body, "last", 0);
    return grown ? ERR_CONFLICT : OK;
}

/* --- removing ------------------------------------------------------------------------------- */

#define ROWS_AT_ONCE 500 /* some milliseconds, for which others wait */

/* Title and topic are words of a person, too. */
static char *without_words(const char *text)
{
    json_t *body = json_loads(text, 0, NULL);
    json_object_set_new(body, "title", json_string(""));
    json_object_set_new(body, "topic", json_string(""));
    json_object_del(body, "skeleton");
    json_object_del(body, "look");
    char *without = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    return without;
}

static int find_body(struct store *s, uint64_t seq, char **text_out)
{
    sqlite3_stmt *q = db_statement(&s->write, "SELECT body FROM event WHERE room = 0 AND seq = ?1"
                                              " AND kind = ?2");
    sqlite3_bind_int64(q, 1, (int64_t)seq);
    sqlite3_bind_int(q, 2, EVENT_ROOM);
    int rc = sqlite3_step(q);
    *text_out = rc == SQLITE_ROW ? strdup(db_text(q, 0)) : NULL;
    db_reset(q);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int redact(struct store *s, uint64_t seq)
{
    char *text = NULL, *without = NULL;
    int rc = find_body(s, seq, &text);
    if (rc != SQLITE_OK || text == NULL)
        return rc;
    without = without_words(text);
    free(text);
    if (without == NULL)
        return SQLITE_NOMEM;
    sqlite3_stmt *q = db_statement(&s->write, "UPDATE event SET body = ?2, hash = 0, now = NULL"
                                              " WHERE room = 0 AND seq = ?1");
    sqlite3_bind_int64(q, 1, (int64_t)seq);
    db_bind_text(q, 2, without);
    rc = db_run(q);
    free(without);
    return rc;
}

static int count_life(struct store *s, const struct log_room *r)
{
    sqlite3_stmt *q =
        db_statement(&s->write, "INSERT OR REPLACE INTO room_past(name, lives) VALUES(?1, ?2)");
    db_bind_text(q, 1, r->name);
    sqlite3_bind_int64(q, 2, (int64_t)r->life + 1);
    return db_run(q);
}

static int delete_row(struct store *s, int64_t room)
{
    sqlite3_stmt *q = db_statement(&s->write, "DELETE FROM room WHERE id = ?1");
    sqlite3_bind_int64(q, 1, room);
    return db_run(q);
}

static int note_rest(struct store *s, int64_t room)
{
    sqlite3_stmt *q = db_statement(&s->write, "INSERT INTO room_rest(id) VALUES(?1)");
    sqlite3_bind_int64(q, 1, room);
    return db_run(q);
}

static int forget_rest(struct store *s, int64_t room)
{
    sqlite3_stmt *q = db_statement(&s->write, "DELETE FROM room_rest WHERE id = ?1");
    sqlite3_bind_int64(q, 1, room);
    s->scrub = true;
    return db_run(q);
}

/* A feature that has changed fewer rows has no more. */
static int remove_rows(struct store *s, int64_t room)
{
    int64_t before = sqlite3_total_changes64(s->write.handle);
    int rc = features_forget_room(s, room, ROWS_AT_ONCE);
    bool more = sqlite3_total_changes64(s->write.handle) - before >= ROWS_AT_ONCE;
    return rc == SQLITE_OK && !more ? forget_rest(s, room) : rc;
}

static int remove_room(struct store *s, struct log_room *r, const struct made *made)
{
    int rc = note_rest(s, r->id);
    if (rc == SQLITE_OK)
        rc = remove_rows(s, r->id);
    if (rc == SQLITE_OK)
        rc = redact(s, made->seq);
    if (rc == SQLITE_OK)
        rc = count_life(s, r);
    if (rc == SQLITE_OK)
        rc = delete_row(s, r->id);
    s->scrub = true;
    atomic_store(&s->rest, true);
    store_forget_room(s, r);
    return rc;
}

static int apply_gone(struct store *s, const struct event *e, int64_t room, struct verdict *v)
{
    struct log_room *r = NULL;
    struct made made;
    (void)room;
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    int rc = store_find_room(s, field_string(body, "room"), &r);
    bool found = r != NULL && r->life == (uint64_t)field_int(body, "life", 0);
    if (rc == SQLITE_OK && !found)
        v->err = ERR_NO_SUCH_ROOM;
    if (rc == SQLITE_OK && found && (rc = find_made(s, r->id, &made)) == SQLITE_OK) {
        v->err = judge(r, &made, body, v->one_order);
        if (v->err == OK)
            rc = remove_room(s, r, &made);
    }
    json_decref(body);
    return rc;
}

/* --- what is left --------------------------------------------------------------------------- */

/* Of the room that has waited longest. */
static int run_rest(struct store *s, struct write_job *job)
{
    (void)job;
    sqlite3_stmt *q = db_statement(&s->write, "SELECT min(id) FROM room_rest");
    int rc = sqlite3_step(q);
    int64_t room = rc == SQLITE_ROW ? sqlite3_column_int64(q, 0) : 0;
    db_reset(q);
    if (rc == SQLITE_ROW && room > 0)
        return remove_rows(s, room);
    atomic_store(&s->rest, false);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

struct rest {
    struct write_job w; /* first */
    struct store *store;
};
FIRST(rest, w);

/* The next piece goes behind the jobs that have come meanwhile. */
static void on_rest(struct job *job)
{
    struct rest *j = (struct rest *)job;
    struct store *s = j->store;
    bool done = j->w.err == OK;
    free(j);
    s->resting = false;
    if (done)
        store_removal_go_on(s);
}

void store_removal_go_on(struct store *s)
{
    struct rest *j = s->resting || !atomic_load(&s->rest) ? NULL : store_write_job(s, sizeof *j);
    if (j == NULL)
        return;
    j->store = s;
    j->w.run = run_rest;
    j->w.job.done = on_rest;
    s->resting = true;
    worker_give(s->writer, &j->w.job);
}

static const struct feature_kind kinds[] = {{EVENT_ROOM_GONE, apply_gone}, {0, NULL}};

const struct store_feature removal_feature = {.schema = schema, .kinds = kinds};

/* message.c - see message.h. The feature of the log itself: its table, its pages, and items that
 * are edited, deleted and purged. */
#include "message.h"

#include "feature.h"
#include "page.h"
#include "private.h"
#include "read.h"
#include "sql.h"

#include "chat/base/item.h"

#include <stdlib.h>
#include <string.h>

/* `now` of an item is a JSON patch that later events have made, NULL if none has. `now` of a tally
 * is the text that members see in place of the body. With event_item SQLite finds a page of items
 * without stepping over the other events. */
static const struct schema_step schema[] = {
    {1,
     "CREATE TABLE event(room INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL,"
     " kind INTEGER NOT NULL, author INTEGER NOT NULL, key TEXT, hash INTEGER NOT NULL, of INTEGER,"
     " body TEXT NOT NULL, now TEXT, PRIMARY KEY(room, seq)) STRICT, WITHOUT ROWID;"
     "CREATE UNIQUE INDEX event_key ON event(author, key) WHERE key IS NOT NULL;"
     "CREATE INDEX event_item ON event(room, seq) WHERE " SQL_IS_ITEM ";"
     "CREATE INDEX event_of ON event(room, of) WHERE of IS NOT NULL;"},
    /* Nodes that copy rooms in different orders must come to the same verdict about a key. And no
     * hash stays of words that are gone. */
    {5, "DROP INDEX event_key;"
        "CREATE UNIQUE INDEX event_key ON event(author, key, room) WHERE key IS NOT NULL;"
        "UPDATE event SET hash = 0 WHERE now = '{\"deleted\":true}';"
        "UPDATE event SET hash = 0 WHERE EXISTS(SELECT 1 FROM event AS item"
        " WHERE item.room = event.room AND item.seq = event.of AND item.hash = 0);"},
    /* Of `now` where it is the patch of an item; 0: an earlier version has written it. */
    {10, "ALTER TABLE event ADD COLUMN now_hash INTEGER NOT NULL DEFAULT 0;"},
    {0, NULL},
};

/* --- one item ------------------------------------------------------------------------------- */

/* An item as it is now. */
struct item {
    enum event_kind kind;
    uint64_t author;
    char *body, *patch; /* own; patch NULL: it is as it was written */
};

static void item_finish(struct item *i)
{
    free(i->body);
    free(i->patch);
}

/* From the columns kind, author, body and now. */
static struct item read_item(sqlite3_stmt *q, int column)
{
    return (struct item){.kind = (enum event_kind)sqlite3_column_int(q, column),
                         .author = (uint64_t)sqlite3_column_int64(q, column + 1),
                         .body = strdup(db_text(q, column + 2)),
                         .patch =
                             db_is_null(q, column + 3) ? NULL : strdup(db_text(q, column + 3))};
}

/* SQLITE_ROW; SQLITE_DONE: there is no such event. */
static int find(struct store *s, int64_t room, uint64_t seq, struct item *out)
{
    sqlite3_stmt *q = db_statement(&s->write, "SELECT kind, author, body, now FROM event"
                                              " WHERE room = ?1 AND seq = ?2");
    db_bind_place(q, room, seq);
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW)
        *out = read_item(q, 0);
    db_reset(q);
    return rc;
}

static int set_now(struct store *s, int64_t room, uint64_t seq, const char *patch)
{
    if (patch == NULL)
        return SQLITE_NOMEM;
    sqlite3_stmt *q = db_statement(
        &s->write, "UPDATE event SET now = ?3, now_hash = ?4 WHERE room = ?1 AND seq = ?2");
    db_bind_place(q, room, seq);
    db_bind_text(q, 3, patch);
    sqlite3_bind_int64(q, 4, (int64_t)item_patch_hash(patch));
    return db_run(q);
}

/* Clears the hash, too: guessed words could be compared with it. */
static int redact(struct store *s, int64_t room, uint64_t seq, const char *body)
{
    if (body == NULL)
        return SQLITE_NOMEM;
    sqlite3_stmt *q = db_statement(
        &s->write, "UPDATE event SET body = ?3, hash = 0 WHERE room = ?1 AND seq = ?2");
    db_bind_place(q, room, seq);
    db_bind_text(q, 3, body);
    return db_run(q);
}

int store_check_item(struct store *s, const struct event *e, int64_t room, struct verdict *v)
{
    sqlite3_stmt *q =
        db_statement(&s->write, "SELECT kind, now FROM event WHERE room = ?1 AND seq = ?2");
    db_bind_place(q, room, e->of);
    int rc = sqlite3_step(q);
    bool alive = rc == SQLITE_ROW && event_is_item((enum event_kind)sqlite3_column_int(q, 0)) &&
                 !item_is_deleted(db_is_null(q, 1) ? NULL : db_text(q, 1));
    if (!alive)
        v->err = ERR_NOT_FOUND;
    db_reset(q);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* --- deleting ------------------------------------------------------------------------------- */

static int redact_edits(struct store *s, int64_t room, uint64_t of)
{
    sqlite3_stmt *q = db_statement(&s->write, "SELECT seq, body FROM event INDEXED BY event_of"
                                              " WHERE room = ?1 AND of = ?2 AND kind = ?3");
    int rc;
    db_bind_place(q, room, of);
    sqlite3_bind_int(q, 3, EVENT_EDIT);
    while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
        char *body = body_redacted(db_text(q, 1));
        int set = redact(s, room, (uint64_t)sqlite3_column_int64(q, 0), body);
        free(body);
        if (set != SQLITE_OK) {
            rc = set;
            break;
        }
    }
    db_reset(q);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int delete_item(struct store *s, int64_t room, uint64_t seq, const struct item *i)
{
    char *patch = item_deleted(), *redacted = body_redacted(i->body);
    int rc = features_unword(s, room, seq, i->kind, i->body, i->patch);
    if (rc == SQLITE_OK)
        rc = set_now(s, room, seq, patch);
    if (rc == SQLITE_OK)
        rc = redact(s, room, seq, redacted);
    if (rc == SQLITE_OK)
        rc = redact_edits(s, room, seq);
    if (rc == SQLITE_OK)
        rc = features_forget(s, room, seq);
    free(patch);
    free(redacted);
    s->scrub = true;
    return rc;
}

/* --- edits and deletes ---------------------------------------------------------------------- */

/* An edit changes a message of its author. The core has judged already that the author of a delete
 * may delete the item. */
static bool may_change(const struct event *e, const struct item *i)
{
    if (e->kind == EVENT_EDIT)
        return i->kind == EVENT_MESSAGE && i->author == e->author;
    return event_is_item(i->kind);
}

/* SQLITE_ROW: the item of the event is missing here, in a gap. */
static int find_gap(struct store *s, const struct event *e, int64_t room)
{
    sqlite3_stmt *q = db_statement(&s->write, "SELECT kind FROM event WHERE room = ?1 AND seq >= ?2"
                                              " ORDER BY seq LIMIT 1");
    db_bind_place(q, room, e->of);
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW && sqlite3_column_int(q, 0) != EVENT_GAP)
        rc = SQLITE_DONE;
    db_reset(q);
    return rc;
}

static int edit_item(struct store *s, const struct event *e, int64_t room, const struct item *i)
{
    char *patch = item_edited(i->patch, e);
    int rc = features_unword(s, room, e->of, i->kind, i->body, i->patch);
    if (rc == SQLITE_OK)
        rc = set_now(s, room, e->of, patch);
    free(patch);
    return rc;
}

/* The item is missing here, but not what later edits made of it. */
static int delete_missing(struct store *s, int64_t room, uint64_t of)
{
    s->scrub = true;
    return redact_edits(s, room, of);
}

/* Rejects a change of an item that is deleted or belongs to another author. The core has rejected
 * most of them already, but a delete may be on its way at the same time. A change whose item is
 * missing here is in the log and changes nothing. */
static int apply_change(struct store *s, const struct event *e, int64_t room, struct verdict *v)
{
    struct item item = {0};
    int rc = find(s, room, e->of, &item);
    bool found = rc == SQLITE_ROW && may_change(e, &item);
    if ((rc == SQLITE_ROW || rc == SQLITE_DONE) && !found)
        rc = find_gap(s, e, room);
    else if (found && item.patch != NULL && item_is_deleted(item.patch))
        rc = SQLITE_DONE;
    else if (found)
        rc = e->kind == EVENT_DELETE ? delete_item(s, room, e->of, &item)
                                     : edit_item(s, e, room, &item);
    item_finish(&item);
    if (rc == SQLITE_ROW && !found && e->kind == EVENT_DELETE)
        rc = delete_missing(s, room, e->of);
    if (rc == SQLITE_DONE)
        v->err = ERR_NOT_FOUND;
    return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : rc;
}

/* --- purges --------------------------------------------------------------------------------- */

/* Removes the texts of the person's edits, whose items may be missing here, and the reasons that
 * the person gave for deletions. */
static int purge_words(struct store *s, const struct event *e, int64_t room)
{
    sqlite3_stmt *q = db_statement(
        &s->write, "UPDATE event INDEXED BY event_key SET hash = 0, body = iif(json_valid(body),"
                   " iif(kind = ?3, json_set(json_remove(body, '$.mentions', '$.mentions_room',"
                   " '$.mentioned'), '$.text', ''), json_remove(body, '$.reason')),"
                   " '{}') WHERE author = ?2 AND key IS NOT NULL AND room = ?1"
                   " AND kind IN (?3, ?4)");
    db_bind_place(q, room, e->of);
    sqlite3_bind_int(q, 3, EVENT_EDIT);
    sqlite3_bind_int(q, 4, EVENT_DELETE);
    return db_run(q);
}

/* Deletes the person's earlier items in this room. Their votes stay. In the server's log the
 * act is judged, not carried out. */
static int apply_purge(struct store *s, const struct event *e, int64_t room, struct verdict *v)
{
    (void)v;
    if (room == 0)
        return SQLITE_OK;
    sqlite3_stmt *q = db_statement(
        &s->write, "SELECT seq, kind, author, body, now FROM event INDEXED BY event_key"
                   " WHERE author = ?2 AND key IS NOT NULL AND room = ?1"
                   " AND " SQL_IS_ITEM);
    int rc;
    db_bind_place(q, room, e->of);
    while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
        struct item item = read_item(q, 1);
        int deleted = item_is_deleted(item.patch)
                          ? SQLITE_OK
                          : delete_item(s, room, (uint64_t)sqlite3_column_int64(q, 0), &item);
        item_finish(&item);
        if (deleted != SQLITE_OK) {
            rc = deleted;
            break;
        }
    }
    db_reset(q);
    s->scrub = true;
    return rc == SQLITE_DONE ? purge_words(s, e, room) : rc;
}

/* --- rooms that end ------------------------------------------------------------------------- */

static int forget_room(struct store *s, int64_t room, int most)
{
    sqlite3_stmt *q = db_statement(&s->write, SQL_FORGET_ROOM("event", "seq"));
    db_bind_place(q, room, (uint64_t)most);
    return db_run(q);
}

/* --- the feature ---------------------------------------------------------------------------- */

static const struct feature_kind kinds[] = {
    {EVENT_EDIT, apply_change},
    {EVENT_DELETE, apply_change},
    {EVENT_PURGE, apply_purge},
    {0, NULL},
};

static const struct feature_answer answers[] = {
    {ASK_PAGE, store_answer_page},   {ASK_EVENTS, store_answer_events},
    {ASK_COUNT, store_answer_count}, {ASK_ITEM, store_answer_item},
    {ASK_KEY, store_answer_key},     {0, NULL},
};

const struct store_feature message_feature = {
    .schema = schema, .kinds = kinds, .answers = answers, .forget_room = forget_room};

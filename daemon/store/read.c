/* read.c - see read.h. */
#include "read.h"

#include "private.h"
#include "row.h"
#include "sql.h"

#include "chat/base/item.h"

/* --- events --------------------------------------------------------------------------------- */

/* The frame that was written last, and that the next one may replace. */
struct last {
    uint64_t place;
    size_t at; /* where it begins */
};

static void add_frame(struct bytes *to, const struct event *e, struct last *last)
{
    const uint64_t place = event_place(e);
    if (place != 0 && place == last->place)
        to->size = last->at;
    *last = (struct last){place, to->size};
    if (e->kind != EVENT_VOID)
        event_frame(to, e);
}

int store_answer_events(struct store *store, struct ask *ask)
{
    struct ask_events *q = (struct ask_events *)ask;
    sqlite3_stmt *s =
        db_statement(&store->read, "SELECT " ROW_COLUMNS " FROM event WHERE room = " SQL_ROOM
                                   " AND seq > ?2 AND seq <= ?3 ORDER BY seq");
    struct last last = {0};
    struct row row;
    int rc;
    db_bind_text(s, 1, ask->room);
    sqlite3_bind_int64(s, 2, (int64_t)q->after);
    sqlite3_bind_int64(s, 3, (int64_t)q->upto);
    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
        if (!row_read(store, s, ask->room, q->last > 0 ? q->last : q->after, q->upto + 1, &row))
            continue;
        add_frame(&ask->text, &row.e, &last);
        q->last = row.e.seq;
        if (ask->text.size >= q->bytes_max)
            break;
    }
    db_reset(s);
    return ask->text.failed ? SQLITE_NOMEM : rc == SQLITE_ROW ? SQLITE_DONE : rc;
}

int store_answer_count(struct store *store, struct ask *ask)
{
    struct ask_count *q = (struct ask_count *)ask;
    sqlite3_stmt *s = db_statement(
        &store->read, "SELECT count(*) FROM (SELECT 1 FROM event WHERE room = " SQL_ROOM
                      " AND seq > ?2 AND kind <> ?4 LIMIT ?3)");
    db_bind_text(s, 1, ask->room);
    sqlite3_bind_int(s, 4, EVENT_VOID);
    sqlite3_bind_int64(s, 2, (int64_t)q->after);
    sqlite3_bind_int64(s, 3, (int64_t)q->limit);
    int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW)
        q->n = (size_t)sqlite3_column_int64(s, 0);
    db_reset(s);
    return rc == SQLITE_ROW ? SQLITE_DONE : rc;
}

/* --- one item ------------------------------------------------------------------------------- */

/* Only whether this log has the key. What a key of another log means, store_find_key() judges. */
int store_find_known(struct store *store, const char *room, uint64_t author, const char *key,
                     bool *found)
{
    sqlite3_stmt *s = db_statement(&store->read, "SELECT 1 FROM event WHERE room = " SQL_ROOM
                                                 " AND author = ?2 AND key = ?3");
    db_bind_text(s, 1, room);
    sqlite3_bind_int64(s, 2, (int64_t)author);
    db_bind_text(s, 3, key);
    int rc = sqlite3_step(s);
    *found = rc == SQLITE_ROW;
    db_reset(s);
    return rc;
}

int store_answer_key(struct store *store, struct ask *ask)
{
    struct ask_key *q = (struct ask_key *)ask;
    return store_find_known(store, ask->room, q->author, q->key, &q->known);
}

int store_answer_item(struct store *store, struct ask *ask)
{
    struct ask_item *q = (struct ask_item *)ask;
    struct db *db = &store->read;
    sqlite3_stmt *s = db_statement(db, "SELECT author, kind, now FROM event WHERE room = " SQL_ROOM
                                       " AND seq = ?2");
    db_bind_text(s, 1, ask->room);
    sqlite3_bind_int64(s, 2, (int64_t)q->seq);
    int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW) {
        q->author = (uint64_t)sqlite3_column_int64(s, 0);
        q->kind = (enum event_kind)sqlite3_column_int(s, 1);
        q->deleted = item_is_deleted(db_is_null(s, 2) ? NULL : db_text(s, 2));
    }
    db_reset(s);
    if ((rc == SQLITE_ROW || rc == SQLITE_DONE) && !event_is_item(q->kind)) {
        ask->err = ERR_NOT_FOUND;
        return SQLITE_DONE;
    }
    return rc == SQLITE_ROW ? store_find_known(store, ask->room, q->identity, q->key, &q->key_known)
                            : rc;
}

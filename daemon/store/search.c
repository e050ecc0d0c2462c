/* search.c - the feature of the search: its tables, and how they follow what becomes of items. */
#include "search.h"

#include "feature.h"
#include "private.h"
#include "search_item.h"
#include "search_read.h"
#include "search_rows.h"

#include <string.h>

#define CHANGES_MAX ((size_t)1 << 20) /* bytes of notes on a unit */

/* The lists are the most of the file that is not text: a block has one number in place of its room
 * and its own, and that number and the gram are the row's key. */
static const struct schema_step schema[] = {
    {21, "CREATE TABLE search_block(id INTEGER PRIMARY KEY, room INTEGER NOT NULL,"
         " block INTEGER NOT NULL, upto INTEGER NOT NULL) STRICT;"
         "CREATE INDEX search_room ON search_block(room, block, upto);"
         "CREATE TABLE search_gram(id INTEGER PRIMARY KEY, items BLOB NOT NULL) STRICT;"},
    {0, NULL},
};

/* --- items that come ------------------------------------------------------------------------ */

static int count_item(struct store *s, const struct event *e, int64_t room, struct verdict *v)
{
    (void)e;
    (void)room;
    (void)v;
    if (s->search != NULL)
        atomic_fetch_add(&s->search->waiting, 1);
    return SQLITE_OK;
}

/* --- items that change ---------------------------------------------------------------------- */

static int set(struct store *s, const struct search_block *block, uint64_t seq,
               const struct search_item *item, bool on)
{
    struct bytes grams = {0};
    search_item_add_grams(item, &grams);
    grams.failed |= item->text.failed;
    gram_sort(&grams);
    int rc = search_rows_set(&s->write, block->id, PLACE_OF(seq), &grams, on);
    bytes_finish(&grams);
    return rc;
}

static void note(struct search *search, int64_t room, uint64_t seq)
{
    struct search_place place = {room, seq};
    if (search == NULL || !search->noting)
        return;
    bytes_add(&search->changed, &place, sizeof place);
    search->dropped |= search->changed.size >= CHANGES_MAX;
    search->noting = !search->dropped;
}

/* The row may be there although no search looks at it yet. */
static int unword(struct store *s, int64_t room, uint64_t seq, enum event_kind kind,
                  const char *body, const char *patch)
{
    struct search_block block;
    struct search_item item;
    note(s->search, room, seq);
    int rc = search_block_find(&s->write, room, seq, &block);
    if (rc != SQLITE_ROW)
        return rc == SQLITE_DONE ? SQLITE_OK : rc;
    search_item_read(&item, kind, body, strlen(body), patch);
    rc = item.found ? set(s, &block, seq, &item, false) : SQLITE_OK;
    search_item_finish(&item);
    return rc;
}

int search_add_item(struct store *s, int64_t room, uint64_t seq)
{
    struct search_block block;
    int rc = search_block_find(&s->write, room, seq, &block);
    if (rc != SQLITE_ROW || seq > block.upto)
        return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
    struct search_item item = {0};
    sqlite3_stmt *q =
        db_statement(&s->write, "SELECT kind, body, now FROM event WHERE room = ?1 AND seq = ?2");
    db_bind_place(q, room, seq);
    rc = sqlite3_step(q);
    if (rc == SQLITE_ROW)
        search_item_read(&item, (enum event_kind)sqlite3_column_int(q, 0), db_text(q, 1),
                         (size_t)sqlite3_column_bytes(q, 1),
                         db_is_null(q, 2) ? NULL : db_text(q, 2));
    db_reset(q);
    if (rc == SQLITE_ROW || rc == SQLITE_DONE)
        rc = item.found ? set(s, &block, seq, &item, true) : SQLITE_OK;
    search_item_finish(&item);
    return rc;
}

/* After message.c. An item in the tail comes into the index by itself. */
static int apply_edit(struct store *s, const struct event *e, int64_t room, struct verdict *v)
{
    return v->err == OK ? search_add_item(s, room, e->of) : SQLITE_OK;
}

/* --- rooms that end ------------------------------------------------------------------------- */

/* A unit that is under way may be of this room. */
static int drop_unit(struct store *s, int64_t room)
{
    sqlite3_stmt *q = db_statement(&s->write, "SELECT 1 FROM room WHERE id = ?1");
    sqlite3_bind_int64(q, 1, room);
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW && s->search != NULL)
        s->search->dropped = true;
    db_reset(q);
    return rc;
}

/* SQLITE_ROW: this is one of the room's blocks. */
static int find_any_block(struct store *s, int64_t room, int64_t *id_out)
{
    sqlite3_stmt *q = db_statement(&s->write, "SELECT id FROM search_block INDEXED BY search_room"
                                              " WHERE room = ?1 LIMIT 1");
    sqlite3_bind_int64(q, 1, room);
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW)
        *id_out = sqlite3_column_int64(q, 0);
    db_reset(q);
    return rc;
}

static int forget_block(struct store *s, int64_t id)
{
    sqlite3_stmt *q = db_statement(&s->write, "DELETE FROM search_block WHERE id = ?1");
    sqlite3_bind_int64(q, 1, id);
    return db_run(q);
}

static int forget_room(struct store *s, int64_t room, int most)
{
    int64_t id, end = sqlite3_total_changes64(s->write.handle) + most, left = most;
    int rc = drop_unit(s, room);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        return rc;
    while (left > 0 && (rc = find_any_block(s, room, &id)) == SQLITE_ROW) {
        rc = search_rows_remove(&s->write, id, left);
        left = end - sqlite3_total_changes64(s->write.handle);
        if (rc == SQLITE_OK && left > 0)
            rc = forget_block(s, id);
        if (rc != SQLITE_OK)
            return rc;
    }
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* A transaction that is rolled back runs again, or its unit is read again. */
static void ended(struct store *s, bool committed)
{
    struct search *search = s->search;
    if (search == NULL || !search->ending)
        return;
    search->ending = false;
    search->noting = !committed;
    if (committed)
        search->changed.size = 0;
}

/* --- the feature ---------------------------------------------------------------------------- */

static const struct feature_kind kinds[] = {
    {EVENT_MESSAGE, count_item}, {EVENT_POLL, count_item}, {EVENT_EDIT, apply_edit}, {0, NULL}};

static const struct feature_answer answers[] = {{ASK_SEARCH, search_answer}, {0, NULL}};

const struct store_feature search_feature = {.schema = schema,
                                             .kinds = kinds,
                                             .answers = answers,
                                             .unword = unword,
                                             .forget_room = forget_room,
                                             .ended = ended};

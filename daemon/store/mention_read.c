/* mention_read.c - see mention_read.h. Reader's thread. */
#include "mention_read.h"

#include "private.h"
#include "row.h"
#include "sql.h"

#include "chat/base/item.h"
#include "chat/base/json.h"
#include "chat/base/object.h"

#include <string.h>

#define LIST_BYTES ((size_t)64 * 1024) /* a list ends after so much, but has one item at least */

#define STRING(x)  STRING_(x)
#define STRING_(x) #x

/* --- how many are unread -------------------------------------------------------------------- */

/* Rows of the person, and of their room where no other row of theirs counts already. */
#define OF_PERSON "identity = ?2"
#define OF_ROOM                                                                                    \
    "identity = 0 AND author <> ?2 AND NOT EXISTS(SELECT 1 FROM mention AS own"                    \
    " WHERE own.identity = ?2 AND own.room = mention.room AND own.seq = mention.seq)"

#define COUNT(rows)                                                                                \
    "(SELECT count(*) FROM (SELECT 1 FROM mention WHERE " rows " AND room = " SQL_ROOM             \
    " AND seq > ?3 AND seq <= ?4 LIMIT " STRING(UNREAD_MAX) "))"

static int count_unread(struct store *store, uint64_t identity, struct archive_unread *of)
{
    sqlite3_stmt *s = db_statement(&store->read, "SELECT min(" COUNT(OF_PERSON) " + " COUNT(
                                                     OF_ROOM) ", " STRING(UNREAD_MAX) ")");
    db_bind_text(s, 1, of->room);
    sqlite3_bind_int64(s, 2, (int64_t)identity);
    sqlite3_bind_int64(s, 3, (int64_t)of->read);
    sqlite3_bind_int64(s, 4, (int64_t)of->last);
    int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW)
        of->mentions = (unsigned)sqlite3_column_int(s, 0);
    db_reset(s);
    return rc;
}

int mention_answer_unread(struct store *store, struct ask *ask)
{
    const struct ask_unread *q = (struct ask_unread *)ask;
    struct archive_unread *of = (void *)ask->rows.at;
    size_t n = ask->rows.size / sizeof *of;
    int rc = SQLITE_ROW;
    for (size_t i = 0; i < n && rc == SQLITE_ROW; i++)
        rc = count_unread(store, q->identity, &of[i]);
    return rc;
}

/* --- the list ------------------------------------------------------------------------------- */

/* Of one index each; then the newest of all. */
#define NEWEST " ORDER BY at DESC, seq DESC, room DESC LIMIT ?6"
#define WANTED                                                                                     \
    " AND (at, seq, room) < (?3, ?4, ?5) AND room IN"                                              \
    " (SELECT id FROM room WHERE name IN (SELECT value FROM json_each(?1)))" NEWEST
#define MENTIONS(rows)                                                                             \
    "SELECT * FROM (SELECT at, seq, room, seq AS item, NULL AS emoji, NULL AS nick"                \
    " FROM mention INDEXED BY mention_time WHERE " rows WANTED ")"
#define REACTIONS                                                                                  \
    "SELECT * FROM (SELECT at, seq, room, item, emoji, nick"                                       \
    " FROM reacted INDEXED BY reacted_time WHERE " OF_PERSON WANTED ")"

/* Behind ROW_COLUMNS, which are those of the item. */
enum { PLACE_AT = 8, PLACE_SEQ, PLACE_ROOM, PLACE_NAME, PLACE_EMOJI, PLACE_NICK };

#define LIST                                                                                       \
    "SELECT event.seq, event.at, kind, of, body, now, hash, now_hash, place.at, place.seq,"        \
    " place.room, room.name, emoji, nick"                                                          \
    " FROM (SELECT * FROM (" MENTIONS(OF_PERSON) " UNION ALL " MENTIONS(                           \
        OF_ROOM) " UNION ALL " REACTIONS ")" NEWEST ") AS place JOIN room ON room.id = place.room" \
                 " JOIN event ON event.room = place.room AND event.seq = place.item"               \
                 " ORDER BY place.at DESC, place.seq DESC, place.room DESC"

static void write_reaction(struct bytes *to, sqlite3_stmt *q, const struct row *row,
                           const struct bytes *item)
{
    object_begin(to, NULL);
    object_add_text(to, "type", "reaction");
    object_add_text(to, "room", row->e.room);
    object_add_number(to, "seq", (uint64_t)sqlite3_column_int64(q, PLACE_SEQ));
    object_add_number(to, "at", (uint64_t)sqlite3_column_int64(q, PLACE_AT));
    object_add_text(to, "from", db_text(q, PLACE_NICK));
    object_add_number(to, "of", row->e.seq);
    object_add_text(to, "emoji", db_text(q, PLACE_EMOJI));
    object_add_bool(to, "reaction", true);
    object_add_json(to, "item", item->at, item->size);
    object_end(to);
}

/* A damaged item is left out: row_read() has made a gap of it. */
static void write_one(struct bytes *to, sqlite3_stmt *q, const struct row *row)
{
    struct bytes item = {0};
    if (row->e.kind != EVENT_GAP && item_write(&item, &row->e, row->patch)) {
        if (db_is_null(q, PLACE_EMOJI))
            object_add_json(to, NULL, item.at, item.size);
        else
            write_reaction(to, q, row, &item);
    }
    to->failed |= item.failed;
    bytes_finish(&item);
}

static void bind(sqlite3_stmt *s, const struct ask_mentions *q, const char *rooms)
{
    db_bind_text(s, 1, rooms);
    sqlite3_bind_int64(s, 2, (int64_t)q->identity);
    sqlite3_bind_int64(s, 3, q->before.at_ms);
    sqlite3_bind_int64(s, 4, (int64_t)q->before.seq);
    sqlite3_bind_int64(s, 5, (int64_t)q->before.room);
    sqlite3_bind_int64(s, 6, (int64_t)q->limit + 1);
}

static int read_list(struct store *store, sqlite3_stmt *s, struct ask_mentions *q, struct bytes *to)
{
    unsigned n = 0;
    int rc;
    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
        struct row row;
        q->more = n++ == q->limit || to->size >= LIST_BYTES;
        if (q->more)
            break;
        q->last = (struct mention_place){sqlite3_column_int64(s, PLACE_AT),
                                         (uint64_t)sqlite3_column_int64(s, PLACE_SEQ),
                                         (uint64_t)sqlite3_column_int64(s, PLACE_ROOM)};
        if (row_read(store, s, db_text(s, PLACE_NAME), 0, UINT64_MAX, &row))
            write_one(to, s, &row);
    }
    return rc;
}

int mention_answer_list(struct store *store, struct ask *ask)
{
    struct ask_mentions *q = (struct ask_mentions *)ask;
    struct bytes list = {0};
    sqlite3_stmt *s = db_statement(&store->read, LIST);
    bind(s, q, ask->text.at);
    array_begin(&list, NULL);
    int rc = read_list(store, s, q, &list);
    array_end(&list);
    db_reset(s);
    bytes_finish(&ask->text);
    ask->text = list;
    return list.failed ? SQLITE_NOMEM : rc;
}

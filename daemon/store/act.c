/* act.c - see act.h. Acts are not items: a page has as many items as it was asked for, whatever
 * moderators did between them. */
#include "act.h"

#include "feature.h"
#include "private.h"
#include "row.h"
#include "sql.h"

#include "chat/base/object.h"

#define ACTS_MOST "100"

/* The kinds of event.h that are acts; SQLite uses the index where a statement says this word for
 * word. */
#define SQL_IS_ACT "(kind BETWEEN 21 AND 27 OR kind BETWEEN 32 AND 63)"
_Static_assert(EVENT_ROLE == 21 && EVENT_UNMUTE == 27, "SQL_IS_ACT has the acts about people");
_Static_assert(EVENT_ACT_BEGIN == 32 && EVENT_ACT_END == 64, "SQL_IS_ACT has all other acts");

static const struct schema_step schema[] = {
    {20, "CREATE INDEX event_act ON event(room, seq) WHERE " SQL_IS_ACT ";"},
    {0, NULL},
};

#define ACTS                                                                                       \
    "SELECT * FROM (SELECT " ROW_COLUMNS " FROM event INDEXED BY event_act WHERE room = " SQL_ROOM \
    " AND " SQL_IS_ACT " AND seq >= ?2 AND seq < ?3 ORDER BY seq DESC LIMIT " ACTS_MOST            \
    ") ORDER BY seq"

int acts_write(struct store *s, struct bytes *to, const char *room, uint64_t from, uint64_t below)
{
    sqlite3_stmt *q = db_statement(&s->read, ACTS);
    int rc;
    db_bind_text(q, 1, room);
    sqlite3_bind_int64(q, 2, (int64_t)from);
    sqlite3_bind_int64(q, 3, (int64_t)below);
    array_begin(to, NULL);
    while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
        struct row row;
        struct bytes text = {0};
        if (!row_read(s, q, room, from - 1, below, &row) || row.e.kind == EVENT_GAP)
            continue;
        event_write(&text, &row.e);
        object_add_json(to, NULL, text.at, text.size);
        to->failed |= text.failed;
        bytes_finish(&text);
    }
    array_end(to);
    db_reset(q);
    return rc != SQLITE_DONE ? rc : to->failed ? SQLITE_NOMEM : SQLITE_OK;
}

const struct store_feature act_feature = {.schema = schema};

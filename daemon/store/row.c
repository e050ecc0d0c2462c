/* row.c - see row.h. */
#include "row.h"

#include "db.h"

struct event row_event(sqlite3_stmt *q, const char *room)
{
    enum event_kind kind = (enum event_kind)sqlite3_column_int(q, 2);
    int body = event_traits(kind)->class == CLASS_TALLY ? ROW_NOW : 4;
    return (struct event){.room = room,
                          .seq = (uint64_t)sqlite3_column_int64(q, 0),
                          .at_ms = sqlite3_column_int64(q, 1),
                          .kind = kind,
                          .of = (uint64_t)sqlite3_column_int64(q, 3),
                          .body = db_text(q, body),
                          .body_bytes = (size_t)sqlite3_column_bytes(q, body)};
}

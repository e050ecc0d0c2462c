/* pin.c - the feature of pins: the items that moderators have pinned in a room. A row stays when a
 * pin is taken back, to know which event made it so. */
#include "feature.h"
#include "message.h"
#include "page.h"
#include "private.h"
#include "sql.h"

#include "chat/base/json.h"
#include "chat/base/limits.h"
#include "chat/base/object.h"

static const struct schema_step schema[] = {
    {18, "CREATE TABLE pin(room INTEGER NOT NULL, item INTEGER NOT NULL, seq INTEGER NOT NULL,"
         " gone INTEGER NOT NULL, PRIMARY KEY(room, item)) STRICT, WITHOUT ROWID;"
         "CREATE INDEX pin_on ON pin(room, seq) WHERE gone = 0;"},
    {0, NULL},
};

/* --- pinning -------------------------------------------------------------------------------- */

/* Whether the item is already as the event wants it, and since which event. If nobody has ever
 * pinned it, that is the item's own. An event that a late node repeats always counts. */
static int find_since(struct store *s, const struct event *e, int64_t room, bool on,
                      struct verdict *v)
{
    sqlite3_stmt *q =
        db_statement(&s->write, "SELECT seq, gone FROM pin WHERE room = ?1 AND item = ?2");
    db_bind_place(q, room, e->of);
    int rc = sqlite3_step(q);
    bool is_on = rc == SQLITE_ROW && sqlite3_column_int(q, 1) == 0;
    if (is_on == on && !event_is_repeated(e))
        v->since = rc == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(q, 0) : e->of;
    db_reset(q);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int check_place(struct store *s, const struct event *e, int64_t room, struct verdict *v)
{
    sqlite3_stmt *q = db_statement(
        &s->write, "SELECT count(*) FROM pin WHERE room = ?1 AND item <> ?2 AND gone = 0");
    db_bind_place(q, room, e->of);
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW && sqlite3_column_int64(q, 0) >= (int64_t)s->limits->pins)
        v->err = ERR_FULL;
    db_reset(q);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static int put(struct store *s, const struct event *e, int64_t room, bool on)
{
    sqlite3_stmt *q = db_statement(&s->write, "INSERT OR REPLACE INTO pin(room, item, seq, gone)"
                                              " VALUES(?1, ?2, ?3, ?4)");
    db_bind_place(q, room, e->of);
    sqlite3_bind_int64(q, 3, (int64_t)e->seq);
    sqlite3_bind_int(q, 4, !on);
    return db_run(q);
}

static int apply_pin(struct store *s, const struct event *e, int64_t room, struct verdict *v)
{
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    bool on = field_bool(body, "on");
    json_decref(body);
    int rc = store_check_item(s, e, room, v);
    if (rc == SQLITE_OK && v->err == OK)
        rc = find_since(s, e, room, on, v);
    if (rc == SQLITE_OK && v->err == OK && v->since == 0 && on)
        rc = check_place(s, e, room, v);
    return rc == SQLITE_OK && v->err == OK && v->since == 0 ? put(s, e, room, on) : rc;
}

static const struct feature_kind kinds[] = {{EVENT_PIN, apply_pin}, {0, NULL}};

/* --- questions ------------------------------------------------------------------------------ */

#define NEWEST_FIRST "SELECT item FROM pin WHERE room = " SQL_ROOM " AND gone = 0 ORDER BY seq DESC"

static int answer_pins(struct store *s, struct ask *ask)
{
    sqlite3_stmt *q = db_statement(&s->read, NEWEST_FIRST);
    int rc;
    db_bind_text(q, 1, ask->room);
    while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
        uint64_t item = (uint64_t)sqlite3_column_int64(q, 0);
        bytes_add(&ask->rows, &item, sizeof item);
    }
    db_reset(q);
    return ask->rows.failed ? SQLITE_NOMEM : rc;
}

/* Each item on a page of its own: those between two of them may be many. */
static int answer_pinned(struct store *s, struct ask *ask)
{
    struct ask_pinned *pinned = (struct ask_pinned *)ask;
    int rc = answer_pins(s, ask);
    const uint64_t *items = (const void *)ask->rows.at;
    array_begin(&ask->text, NULL);
    for (size_t i = 0; rc == SQLITE_DONE && i < ask->rows.size / sizeof *items; i++)
        rc = page_add_item(s, &ask->text, ask->room, pinned->identity, items[i]);
    array_end(&ask->text);
    return rc == SQLITE_DONE && ask->text.failed ? SQLITE_NOMEM : rc;
}

static const struct feature_answer answers[] = {
    {ASK_PINS, answer_pins}, {ASK_PINNED, answer_pinned}, {0, NULL}};

/* --- pages ---------------------------------------------------------------------------------- */

static int fold(struct store *s, struct page *page)
{
    sqlite3_stmt *q = db_statement(&s->read, "SELECT item FROM pin WHERE room = " SQL_ROOM
                                             " AND item BETWEEN ?2 AND ?3 AND gone = 0");
    int rc;
    db_bind_text(q, 1, page->room);
    sqlite3_bind_int64(q, 2, (int64_t)page->oldest);
    sqlite3_bind_int64(q, 3, (int64_t)page->newest);
    while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
        struct bytes *patch = page_patch(page, (uint64_t)sqlite3_column_int64(q, 0));
        if (patch != NULL)
            object_add_bool(patch, "pinned", true);
    }
    db_reset(q);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int forget(struct store *s, int64_t room, uint64_t item)
{
    sqlite3_stmt *q = db_statement(&s->write, "DELETE FROM pin WHERE room = ?1 AND item = ?2");
    db_bind_place(q, room, item);
    return db_run(q);
}

static int forget_room(struct store *s, int64_t room, int most)
{
    sqlite3_stmt *q = db_statement(&s->write, SQL_FORGET_ROOM("pin", "item"));
    db_bind_place(q, room, (uint64_t)most);
    return db_run(q);
}

const struct store_feature pin_feature = {.schema = schema,
                                          .kinds = kinds,
                                          .answers = answers,
                                          .fold = fold,
                                          .forget = forget,
                                          .forget_room = forget_room};

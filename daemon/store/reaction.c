/* reaction.c - the feature of reactions: who has reacted to an item, and with which emoji.
 *
 * Members see of an event (column `now`), besides who did what, how many have this emoji on the
 * item now, and the first of them: so the newest event of an emoji says all. A row stays when
 * somebody takes their reaction back, to know which event made it so. Where a gap hides reactions,
 * a node counts fewer. */
#include "feature.h"
#include "message.h"
#include "page.h"
#include "private.h"
#include "sql.h"

#include "chat/base/json.h"
#include "chat/base/limits.h"
#include "chat/base/object.h"

#include <string.h>

#define NICKS_TOLD "20"

static const struct schema_step schema[] = {
    {11, "CREATE TABLE reaction(room INTEGER NOT NULL, item INTEGER NOT NULL, emoji TEXT NOT NULL,"
         " identity INTEGER NOT NULL, seq INTEGER NOT NULL, gone INTEGER NOT NULL,"
         " nick TEXT NOT NULL, PRIMARY KEY(room, item, emoji, identity)) STRICT, WITHOUT ROWID;"
         "CREATE INDEX reaction_on ON reaction(room, item, emoji, seq, nick) WHERE gone = 0;"},
    {0, NULL},
};

/* --- one reaction --------------------------------------------------------------------------- */

struct reaction {
    const char *emoji, *nick; /* borrowed from the body */
    bool on;
};

static void bind(sqlite3_stmt *q, const struct event *e, int64_t room, const struct reaction *r)
{
    db_bind_place(q, room, e->of);
    db_bind_text(q, 3, r->emoji);
}

/* Whether the reaction is already as the event wants it, and since which event. If the person has
 * never reacted, that is the item's own. An event that a late node repeats always counts. */
static int find_since(struct store *s, const struct event *e, int64_t room,
                      const struct reaction *r, struct verdict *v)
{
    sqlite3_stmt *q = db_statement(&s->write, "SELECT seq, gone FROM reaction WHERE room = ?1"
                                              " AND item = ?2 AND emoji = ?3 AND identity = ?4");
    bind(q, e, room, r);
    sqlite3_bind_int64(q, 4, (int64_t)e->author);
    int rc = sqlite3_step(q);
    bool on = rc == SQLITE_ROW && sqlite3_column_int(q, 1) == 0;
    if (on == r->on && !event_is_repeated(e))
        v->since = rc == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(q, 0) : e->of;
    db_reset(q);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int check_place(struct store *s, const struct event *e, int64_t room,
                       const struct reaction *r, struct verdict *v)
{
    sqlite3_stmt *q = db_statement(&s->write, "SELECT count(DISTINCT emoji) FROM reaction"
                                              " WHERE room = ?1 AND item = ?2 AND emoji <> ?3"
                                              " AND gone = 0");
    bind(q, e, room, r);
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW && r->on && sqlite3_column_int64(q, 0) >= (int64_t)s->limits->reactions)
        v->err = ERR_FULL;
    db_reset(q);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static int put(struct store *s, const struct event *e, int64_t room, const struct reaction *r)
{
    sqlite3_stmt *q = db_statement(
        &s->write, "INSERT OR REPLACE INTO reaction(room, item, emoji, identity, seq, gone, nick)"
                   " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    bind(q, e, room, r);
    sqlite3_bind_int64(q, 4, (int64_t)e->author);
    sqlite3_bind_int64(q, 5, (int64_t)e->seq);
    sqlite3_bind_int(q, 6, !r->on);
    db_bind_text(q, 7, r->nick);
    return db_run(q);
}

/* --- what members see ----------------------------------------------------------------------- */

#define THOSE_ON(r) "room = " r "room AND item = " r "item AND emoji = " r "emoji AND gone = 0"
#define NICKS(r)                                                                                   \
    "(SELECT json_group_array(nick) FROM (SELECT nick FROM reaction WHERE " THOSE_ON(              \
        r) " ORDER BY seq LIMIT " NICKS_TOLD "))"

static void add_count(struct bytes *to, sqlite3_stmt *q, int column)
{
    object_add_number(to, "count", (uint64_t)sqlite3_column_int64(q, column));
    object_add_json(to, "nicks", db_text(q, column + 1),
                    (size_t)sqlite3_column_bytes(q, column + 1));
}

static char *told_take(struct bytes *b)
{
    object_end(b);
    bytes_add(b, "", 1);
    if (b->failed)
        bytes_finish(b);
    return b->at;
}

static int tell(struct store *s, const struct event *e, int64_t room, const struct reaction *r,
                struct verdict *v)
{
    struct bytes told = {0};
    sqlite3_stmt *q =
        db_statement(&s->write, "WITH one(room, item, emoji) AS (VALUES(?1, ?2, ?3))"
                                " SELECT (SELECT count(*) FROM reaction"
                                " WHERE " THOSE_ON("one.") "), " NICKS("one.") " FROM one");
    bind(q, e, room, r);
    int rc = sqlite3_step(q);
    object_begin(&told, NULL);
    object_add_members(&told, e->body, e->body_bytes);
    if (rc == SQLITE_ROW)
        add_count(&told, q, 0);
    db_reset(q);
    v->told = told_take(&told);
    return v->told == NULL ? SQLITE_NOMEM : rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static int react(struct store *s, const struct event *e, int64_t room, const struct reaction *r,
                 struct verdict *v)
{
    int rc = store_check_item(s, e, room, v);
    if (rc == SQLITE_OK && v->err == OK)
        rc = find_since(s, e, room, r, v);
    if (rc == SQLITE_OK && v->err == OK && v->since == 0)
        rc = check_place(s, e, room, r, v);
    if (rc != SQLITE_OK || v->err != OK || v->since > 0)
        return rc;
    rc = put(s, e, room, r);
    return rc == SQLITE_OK ? tell(s, e, room, r, v) : rc;
}

static int apply_reaction(struct store *s, const struct event *e, int64_t room, struct verdict *v)
{
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    struct reaction r = {.emoji = field_string(body, "emoji"),
                         .nick = field_string(body, "from"),
                         .on = field_bool(body, "on")};
    int rc = react(s, e, room, &r, v);
    json_decref(body);
    return rc;
}

static const struct feature_kind kinds[] = {{EVENT_REACTION, apply_reaction}, {0, NULL}};

/* --- pages ---------------------------------------------------------------------------------- */

#define FOLD                                                                                       \
    "SELECT item, emoji, count(*), " NICKS("r.") ", max(identity = ?4) FROM reaction AS r"         \
                                                 " WHERE room = " SQL_ROOM                         \
                                                 " AND item BETWEEN ?2 AND ?3 AND gone = 0"        \
                                                 " GROUP BY item, emoji ORDER BY item, min(seq)"

static void add_reaction(struct bytes *to, sqlite3_stmt *q)
{
    object_begin(to, NULL);
    object_add_text(to, "emoji", db_text(q, 1));
    add_count(to, q, 2);
    object_add_bool(to, "mine", sqlite3_column_int(q, 4) != 0);
    object_end(to);
}

/* The rows of an item follow each other. */
static int fold(struct store *s, struct page *page)
{
    sqlite3_stmt *q = db_statement(&s->read, FOLD);
    struct bytes *list = NULL;
    uint64_t item = 0;
    int rc;
    db_bind_text(q, 1, page->room);
    sqlite3_bind_int64(q, 2, (int64_t)page->oldest);
    sqlite3_bind_int64(q, 3, (int64_t)page->newest);
    sqlite3_bind_int64(q, 4, (int64_t)page->identity);
    while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
        if (item != (uint64_t)sqlite3_column_int64(q, 0)) {
            if (list != NULL)
                array_end(list);
            item = (uint64_t)sqlite3_column_int64(q, 0);
            list = page_patch(page, item);
            if (list != NULL)
                array_begin(list, "reactions");
        }
        if (list != NULL)
            add_reaction(list, q);
    }
    if (list != NULL)
        array_end(list);
    db_reset(q);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int forget(struct store *s, int64_t room, uint64_t item)
{
    sqlite3_stmt *q = db_statement(&s->write, "DELETE FROM reaction WHERE room = ?1 AND item = ?2");
    db_bind_place(q, room, item);
    return db_run(q);
}

static int forget_room(struct store *s, int64_t room, int most)
{
    sqlite3_stmt *q = db_statement(&s->write, SQL_FORGET_ROOM("reaction", "item, emoji, identity"));
    db_bind_place(q, room, (uint64_t)most);
    return db_run(q);
}

const struct store_feature reaction_feature = {
    .schema = schema, .kinds = kinds, .fold = fold, .forget = forget, .forget_room = forget_room};

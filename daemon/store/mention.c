/* mention.c - the feature of mentions: which messages name a person or a room, and which reactions
 * a person's messages have. The events say all of it, so that every node comes to the same rows.
 *
 * A message for a whole room is one row, of identity 0. An edit takes rows away and adds none: it
 * tells nobody. */
#include "feature.h"
#include "mention_read.h"
#include "private.h"
#include "sql.h"

#include "chat/base/json.h"
#include "chat/base/mention.h"

#include <stdlib.h>

static const struct schema_step schema[] = {
    {15, "CREATE TABLE mention(identity INTEGER NOT NULL, room INTEGER NOT NULL,"
         " seq INTEGER NOT NULL, at INTEGER NOT NULL, author INTEGER NOT NULL,"
         " PRIMARY KEY(identity, room, seq)) STRICT, WITHOUT ROWID;"
         "CREATE INDEX mention_time ON mention(identity, at, seq, room);"
         "CREATE INDEX mention_item ON mention(room, seq);"
         "CREATE TABLE reacted(room INTEGER NOT NULL, item INTEGER NOT NULL, emoji TEXT NOT NULL,"
         " author INTEGER NOT NULL, identity INTEGER NOT NULL, at INTEGER NOT NULL,"
         " seq INTEGER NOT NULL, nick TEXT NOT NULL,"
         " PRIMARY KEY(room, item, emoji, author)) STRICT, WITHOUT ROWID;"
         "CREATE INDEX reacted_time ON reacted(identity, at, seq, room);"},
    {0, NULL},
};

/* --- messages ------------------------------------------------------------------------------- */

static int add(struct store *s, const struct event *e, int64_t room, uint64_t identity)
{
    if (identity == e->author)
        return SQLITE_OK;
    sqlite3_stmt *q =
        db_statement(&s->write, "INSERT OR IGNORE INTO mention(identity, room, seq, at, author)"
                                " VALUES(?3, ?1, ?2, ?4, ?5)");
    db_bind_place(q, room, e->seq);
    sqlite3_bind_int64(q, 3, (int64_t)identity);
    sqlite3_bind_int64(q, 4, e->at_ms);
    sqlite3_bind_int64(q, 5, (int64_t)e->author);
    return db_run(q);
}

static int apply_message(struct store *s, const struct event *e, int64_t room, struct verdict *v)
{
    json_t *body = mention_parse(e->body, e->body_bytes);
    const json_t *one;
    size_t i;
    (void)v;
    int rc = field_bool(body, "mentions_room") ? add(s, e, room, 0) : SQLITE_OK;
    json_array_foreach(json_object_get(body, "mentioned"), i, one)
    {
        if (rc == SQLITE_OK)
            rc = add(s, e, room, (uint64_t)json_integer_value(one));
    }
    json_decref(body);
    return rc;
}

/* The identities that an edit still names, as JSON text: new, NULL without memory. 0: the room. */
static char *named_by(const struct event *e)
{
    json_t *body = mention_parse(e->body, e->body_bytes), *named = json_array();
    json_array_extend(named, json_object_get(body, "mentioned"));
    if (field_bool(body, "mentions_room"))
        json_array_append_new(named, json_integer(0));
    char *text = json_dumps(named, JSON_COMPACT);
    json_decref(named);
    json_decref(body);
    return text;
}

static int apply_edit(struct store *s, const struct event *e, int64_t room, struct verdict *v)
{
    char *named = named_by(e);
    (void)v;
    sqlite3_stmt *q = db_statement(&s->write, "DELETE FROM mention WHERE room = ?1 AND seq = ?2"
                                              " AND identity NOT IN"
                                              " (SELECT value FROM json_each(?3))");
    db_bind_place(q, room, e->of);
    db_bind_text(q, 3, named);
    int rc = named == NULL ? SQLITE_NOMEM : db_run(q);
    free(named);
    return rc;
}

/* --- reactions ------------------------------------------------------------------------------ */

/* Whose item it is; 0: nobody's. */
static int find_author(struct store *s, int64_t room, uint64_t item, uint64_t *out)
{
    sqlite3_stmt *q =
        db_statement(&s->write, "SELECT author FROM event WHERE room = ?1 AND seq = ?2");
    db_bind_place(q, room, item);
    int rc = sqlite3_step(q);
    *out = rc == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(q, 0) : 0;
    db_reset(q);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int put_reaction(struct store *s, const struct event *e, int64_t room, uint64_t whose,
                        const json_t *body)
{
    sqlite3_stmt *q =
        field_bool(body, "on")
            ? db_statement(&s->write,
                           "INSERT OR REPLACE INTO reacted(room, item, emoji, author, identity, at,"
                           " seq, nick) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
            : db_statement(&s->write, "DELETE FROM reacted WHERE room = ?1 AND item = ?2"
                                      " AND emoji = ?3 AND author = ?4");
    db_bind_place(q, room, e->of);
    db_bind_text(q, 3, field_string(body, "emoji"));
    sqlite3_bind_int64(q, 4, (int64_t)e->author);
    sqlite3_bind_int64(q, 5, (int64_t)whose);
    sqlite3_bind_int64(q, 6, e->at_ms);
    sqlite3_bind_int64(q, 7, (int64_t)e->seq);
    db_bind_text(q, 8, field_string(body, "from"));
    return db_run(q);
}

static int apply_reaction(struct store *s, const struct event *e, int64_t room, struct verdict *v)
{
    uint64_t whose = 0;
    int rc = v->since > 0 ? SQLITE_OK : find_author(s, room, e->of, &whose);
    if (rc != SQLITE_OK || whose == 0 || whose == e->author)
        return rc;
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    rc = put_reaction(s, e, room, whose, body);
    json_decref(body);
    return rc;
}

static const struct feature_kind kinds[] = {{EVENT_MESSAGE, apply_message},
                                            {EVENT_EDIT, apply_edit},
                                            {EVENT_REACTION, apply_reaction},
                                            {0, NULL}};

/* --- the end of items and rooms ------------------------------------------------------------- */

static int forget(struct store *s, int64_t room, uint64_t item)
{
    sqlite3_stmt *q = db_statement(&s->write, "DELETE FROM mention WHERE room = ?1 AND seq = ?2");
    db_bind_place(q, room, item);
    int rc = db_run(q);
    if (rc != SQLITE_OK)
        return rc;
    q = db_statement(&s->write, "DELETE FROM reacted WHERE room = ?1 AND item = ?2");
    db_bind_place(q, room, item);
    return db_run(q);
}

static int forget_room(struct store *s, int64_t room, int most)
{
    sqlite3_stmt *q = db_statement(&s->write, SQL_FORGET_ROOM("mention", "identity, seq"));
    db_bind_place(q, room, (uint64_t)most);
    int rc = db_run(q);
    if (rc != SQLITE_OK)
        return rc;
    q = db_statement(&s->write, SQL_FORGET_ROOM("reacted", "item, emoji, author"));
    db_bind_place(q, room, (uint64_t)most);
    return db_run(q);
}

static const struct feature_answer answers[] = {
    {ASK_UNREAD, mention_answer_unread}, {ASK_MENTIONS, mention_answer_list}, {0, NULL}};

const struct store_feature mention_feature = {.schema = schema,
                                              .kinds = kinds,
                                              .answers = answers,
                                              .forget = forget,
                                              .forget_room = forget_room};

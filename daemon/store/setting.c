/* setting.c - the feature of what people set for themselves: the level of a room, and (room 0)
 * until when they pause. identity.c answers with it. */
#include "feature.h"
#include "private.h"
#include "room.h"
#include "sql.h"

#include "chat/base/json.h"
#include "chat/base/level.h"

static const struct schema_step schema[] = {
    {17, "CREATE TABLE setting(identity INTEGER NOT NULL, room INTEGER NOT NULL,"
         " value INTEGER NOT NULL, PRIMARY KEY(identity, room)) STRICT, WITHOUT ROWID;"
         "CREATE INDEX setting_room ON setting(room);"},
    {0, NULL},
};

static int put(struct store *s, const struct event *e, int64_t room, int64_t value)
{
    sqlite3_stmt *q = db_statement(
        &s->write, "INSERT OR REPLACE INTO setting(identity, room, value) VALUES(?1, ?2, ?3)");
    sqlite3_bind_int64(q, 1, (int64_t)e->author);
    sqlite3_bind_int64(q, 2, room);
    sqlite3_bind_int64(q, 3, value);
    return db_run(q);
}

static int put_level(struct store *s, const struct event *e, const json_t *body, struct verdict *v)
{
    struct log_room *r = NULL;
    enum level level;
    int rc = store_find_room(s, field_string(body, "room"), &r);
    if (rc != SQLITE_OK || r == NULL || !level_read(field_string(body, "level"), &level)) {
        v->err = ERR_NO_SUCH_ROOM;
        return rc;
    }
    return put(s, e, r->id, level);
}

static int apply_setting(struct store *s, const struct event *e, int64_t room, struct verdict *v)
{
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    (void)room;
    int rc = json_object_get(body, "room") == NULL ? put(s, e, 0, field_int(body, "until", 0))
                                                   : put_level(s, e, body, v);
    json_decref(body);
    return rc;
}

static const struct feature_kind kinds[] = {{EVENT_SETTING, apply_setting}, {0, NULL}};

static int forget_room(struct store *s, int64_t room, int most)
{
    sqlite3_stmt *q = db_statement(&s->write, SQL_FORGET_ROOM("setting", "identity"));
    db_bind_place(q, room, (uint64_t)most);
    return db_run(q);
}

const struct store_feature setting_feature = {
    .schema = schema, .kinds = kinds, .forget_room = forget_room};

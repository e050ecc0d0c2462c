/* standing.c - the feature of roles, bans and mutes. standing_change() knows how an act changes a
 * standing. */
#include "feature.h"
#include "load.h"
#include "private.h"
#include "reject.h"
#include "room.h"
#include "sql.h"

#include "chat/base/json.h"
#include "chat/base/object.h"
#include "chat/base/standing.h"
#include "chat/chat.h"

#include <string.h>

/* A standing results from the acts in the server's log; room 0: everywhere. `banned` and `muted`
 * are the times when they end. The server's log has keys of its own, because its events must not
 * depend on what a node has copied of rooms. */
static const struct schema_step schema[] = {
    {4, "CREATE TABLE standing(room INTEGER NOT NULL, identity INTEGER NOT NULL,"
        " role INTEGER NOT NULL, banned INTEGER NOT NULL, muted INTEGER NOT NULL,"
        " PRIMARY KEY(room, identity)) STRICT, WITHOUT ROWID;"
        "DROP INDEX event_key;"
        "CREATE UNIQUE INDEX event_key ON event(author, key, room = 0) WHERE key IS NOT NULL;"},
    {0, NULL},
};

/* --- standings ------------------------------------------------------------------------------ */

/* Plain, if nothing is stored. */
static int find(struct store *s, int64_t room, uint64_t identity, struct standing *out)
{
    sqlite3_stmt *q = db_statement(&s->write, "SELECT role, banned, muted FROM standing"
                                              " WHERE room = ?1 AND identity = ?2");
    db_bind_place(q, room, identity);
    *out = (struct standing){.identity = identity};
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW) {
        out->role = (enum role)sqlite3_column_int(q, 0);
        out->banned_until_ms = sqlite3_column_int64(q, 1);
        out->muted_until_ms = sqlite3_column_int64(q, 2);
    }
    db_reset(q);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int put(struct store *s, int64_t room, const struct standing *from)
{
    sqlite3_stmt *q =
        db_statement(&s->write, "INSERT OR REPLACE INTO standing(room, identity, role, banned,"
                                " muted) VALUES(?1, ?2, ?3, ?4, ?5)");
    db_bind_place(q, room, from->identity);
    sqlite3_bind_int(q, 3, (int)from->role);
    sqlite3_bind_int64(q, 4, from->banned_until_ms);
    sqlite3_bind_int64(q, 5, from->muted_until_ms);
    return db_run(q);
}

/* *room_out: 0 is everywhere, -1 a room that is not here. */
static int find_room(struct store *s, const struct event *e, int64_t *room_out)
{
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    const char *name = field_string(body, "room");
    struct log_room *r = NULL;
    int rc = name == NULL ? SQLITE_OK : store_find_room(s, name, &r);
    *room_out = name == NULL ? 0 : r == NULL ? -1 : r->id;
    json_decref(body);
    return rc;
}

/* The higher role and the later end of a ban, of the standings in the room and everywhere. */
static int find_merged(struct store *s, int64_t room, uint64_t identity, struct standing *out)
{
    struct standing everywhere;
    int rc = find(s, room, identity, out);
    if (rc == SQLITE_OK)
        rc = find(s, 0, identity, &everywhere);
    if (rc != SQLITE_OK)
        return rc;
    if (everywhere.role > out->role)
        out->role = everywhere.role;
    if (everywhere.banned_until_ms > out->banned_until_ms)
        out->banned_until_ms = everywhere.banned_until_ms;
    return SQLITE_OK;
}

/* The role that protects the identity: in all rooms (0) the highest of its roles anywhere. */
static int find_rank(struct store *s, int64_t room, uint64_t identity, enum role *out)
{
    sqlite3_stmt *q = db_statement(&s->write, "SELECT max(role) FROM standing WHERE identity = ?2"
                                              " AND (?1 = 0 OR room IN (0, ?1))");
    db_bind_place(q, room, identity);
    int rc = sqlite3_step(q);
    *out = rc == SQLITE_ROW ? (enum role)sqlite3_column_int(q, 0) : ROLE_MEMBER;
    db_reset(q);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

/* --- acts ----------------------------------------------------------------------------------- */

/* Judges again what the core has judged: other acts may have come before this one in the log. */
static int judge(struct store *s, const struct event *e, int64_t room, struct verdict *v)
{
    struct standing author;
    enum role theirs = ROLE_MEMBER;
    enum role least = e->kind == EVENT_ROLE ? ROLE_ADMIN : ROLE_MODERATOR;
    if (e->author == OPERATOR_ID)
        return SQLITE_OK;
    int rc = find_merged(s, room, e->author, &author);
    if (rc == SQLITE_OK)
        rc = find_rank(s, room, e->of, &theirs);
    if (rc == SQLITE_OK &&
        (author.role < least || author.role <= theirs || author.banned_until_ms > e->wall_ms))
        v->err = ERR_FORBIDDEN;
    return rc;
}

/* In a room's log an act only tells the members. */
static int apply_act(struct store *s, const struct event *e, int64_t log, struct verdict *v)
{
    struct standing now;
    int64_t room;
    if (log != 0)
        return SQLITE_OK;
    int rc = find_room(s, e, &room);
    if (rc == SQLITE_OK)
        rc = judge(s, e, room, v);
    if (rc == SQLITE_OK && v->err == OK)
        rc = find(s, room, e->of, &now);
    if (rc != SQLITE_OK || v->err != OK || room < 0 || !standing_change(&now, e))
        return rc;
    return put(s, room, &now);
}

/* All at once: a role in any room protects its holder everywhere. */
static int forget_room(struct store *s, int64_t room, int most)
{
    (void)most;
    sqlite3_stmt *q = db_statement(&s->write, "DELETE FROM standing WHERE room = ?1");
    sqlite3_bind_int64(q, 1, room);
    return db_run(q);
}

static const struct feature_kind kinds[] = {
    {EVENT_ROLE, apply_act},   {EVENT_BAN, apply_act},
    {EVENT_UNBAN, apply_act},  {EVENT_PURGE, apply_act},
    {EVENT_KICK, apply_act},   {EVENT_MUTE, apply_act},
    {EVENT_UNMUTE, apply_act}, {0, NULL},
};

/* --- the list ------------------------------------------------------------------------------- */

/* When it ends; 0: when it is lifted. Adds nothing if it has ended. */
static void add_end(struct bytes *to, const char *name, int64_t until_ms, int64_t now_ms)
{
    if (until_ms > now_ms)
        object_add_number(to, name, until_ms == INT64_MAX ? 0 : (uint64_t)until_ms);
}

static void add_row(struct store *s, struct bytes *to, sqlite3_stmt *q, int64_t now_ms)
{
    int role = sqlite3_column_int(q, 1);
    if (!db_text_ok(q, 0, NICK_BYTES_MAX) || role < ROLE_MEMBER || role > ROLE_ADMIN) {
        store_reject_row(s, SERVER_LOG, (uint64_t)sqlite3_column_int64(q, 4), "a standing");
        return;
    }
    object_begin(to, NULL);
    object_add_text(to, "nick", db_text(q, 0));
    object_add_text(to, "role", role_name((enum role)role));
    add_end(to, "banned", sqlite3_column_int64(q, 2), now_ms);
    add_end(to, "muted", sqlite3_column_int64(q, 3), now_ms);
    object_end(to);
}

static int answer_standings(struct store *s, struct ask *ask)
{
    struct ask_standings *k = (struct ask_standings *)ask;
    sqlite3_stmt *q = db_statement(
        &s->read, "SELECT nick, role, banned, muted, identity.id FROM standing"
                  " JOIN identity ON identity.id = standing.identity"
                  " WHERE room = " SQL_ROOM
                  " AND (role > 0 OR banned > ?2 OR muted > ?2) ORDER BY nick LIMIT ?3");
    unsigned n = 0;
    int rc;
    db_bind_text(q, 1, ask->room);
    sqlite3_bind_int64(q, 2, k->now_ms);
    sqlite3_bind_int64(q, 3, (int64_t)k->limit + 1);
    array_begin(&ask->text, NULL);
    while ((rc = sqlite3_step(q)) == SQLITE_ROW && n++ < k->limit)
        add_row(s, &ask->text, q, k->now_ms);
    k->more = rc == SQLITE_ROW;
    array_end(&ask->text);
    db_reset(q);
    return ask->text.failed ? SQLITE_NOMEM : rc;
}

static const struct feature_answer answers[] = {{ASK_STANDINGS, answer_standings}, {0, NULL}};

/* --- at start ------------------------------------------------------------------------------- */

static int load_standing(void *arg, sqlite3_stmt *q)
{
    const struct load *l = arg;
    const char *room = db_text(q, 1);
    int role = sqlite3_column_int(q, 2);
    if ((room[0] != '\0' && !room_name_ok(room)) || role < ROLE_MEMBER || role > ROLE_ADMIN) {
        store_reject_row(l->store, SERVER_LOG, (uint64_t)sqlite3_column_int64(q, 0), "a standing");
        return OK;
    }
    struct standing one = {.identity = (uint64_t)sqlite3_column_int64(q, 0),
                           .role = (enum role)role,
                           .banned_until_ms = sqlite3_column_int64(q, 3),
                           .muted_until_ms = sqlite3_column_int64(q, 4)};
    strcpy(one.room, room);
    return chat_add_standing(l->chat, &one);
}

static enum err load_standings(struct store *s, struct chat *chat)
{
    return store_load_rows(s, "roles and bans",
                           "SELECT identity, name, role, banned, muted FROM standing"
                           " JOIN room ON room.id = standing.room",
                           load_standing, &(struct load){s, chat});
}

const struct store_feature standing_feature = {.schema = schema,
                                               .kinds = kinds,
                                               .answers = answers,
                                               .load = load_standings,
                                               .forget_room = forget_room};

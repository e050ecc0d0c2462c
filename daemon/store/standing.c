/* store_standing.c - roles, bans and mutes in the file. What an
 * event makes of them is the core's (chat/chat.h). See store_inside.h. */
#include "private.h"

#include "chat/base/json.h"
#include "chat/base/object.h"
#include "log.h"

#include <stdlib.h>
#include <string.h>

static void bind(sqlite3_stmt *q, int64_t room, uint64_t identity)
{
    sqlite3_bind_int64(q, 1, room);
    sqlite3_bind_int64(q, 2, (int64_t)identity);
}

/* SQLite's code; what is not there is plain. */
static int find(struct store *s, int64_t room, uint64_t identity, struct standing *out)
{
    sqlite3_stmt *q = db_statement(&s->write, "SELECT role, banned, muted FROM standing"
                                              " WHERE room = ?1 AND identity = ?2");
    bind(q, room, identity);
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
    bind(q, room, from->identity);
    sqlite3_bind_int(q, 3, (int)from->role);
    sqlite3_bind_int64(q, 4, from->banned_until_ms);
    sqlite3_bind_int64(q, 5, from->muted_until_ms);
    return db_run(q);
}

/* SQLite's code. -1: the room is not here, and of nobody's concern. */
static int find_place(struct store *s, const struct event *e, int64_t *room_out)
{
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    const char *name = field_string(body, "room");
    struct log_room *r = NULL;
    int rc = name == NULL ? SQLITE_OK : store_find_room(s, name, &r);
    *room_out = name == NULL ? 0 : r == NULL ? -1 : r->id;
    json_decref(body);
    return rc;
}

/* Of her standings there and everywhere, the higher role and the later end of a ban. */
static int find_all(struct store *s, int64_t room, uint64_t identity, struct standing *out)
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

/* What protects her there: everywhere (0) it is the highest of her roles anywhere. */
static int find_rank(struct store *s, int64_t room, uint64_t identity, enum role *out)
{
    sqlite3_stmt *q = db_statement(&s->write, "SELECT max(role) FROM standing WHERE identity = ?2"
                                              " AND (?1 = 0 OR room IN (0, ?1))");
    bind(q, room, identity);
    int rc = sqlite3_step(q);
    *out = rc == SQLITE_ROW ? (enum role)sqlite3_column_int(q, 0) : ROLE_MEMBER;
    db_reset(q);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

/* The core has judged by what it had heard. Between that and the log others may have acted. */
static int judge(struct store *s, const struct event *e, int64_t room, enum err *verdict_out)
{
    struct standing author;
    enum role theirs = ROLE_MEMBER;
    enum role least = e->kind == EVENT_ROLE ? ROLE_ADMIN : ROLE_MODERATOR;
    if (e->author == OPERATOR_ID)
        return SQLITE_OK;
    int rc = find_all(s, room, e->author, &author);
    if (rc == SQLITE_OK)
        rc = find_rank(s, room, e->of, &theirs);
    if (rc == SQLITE_OK &&
        (author.role < least || author.role <= theirs || author.banned_until_ms > e->at_ms))
        *verdict_out = ERR_FORBIDDEN;
    return rc;
}

int store_apply_standing(struct store *s, const struct event *e, enum err *verdict_out)
{
    struct standing now;
    int64_t room;
    int rc = find_place(s, e, &room);
    if (rc == SQLITE_OK)
        rc = judge(s, e, room, verdict_out);
    if (rc == SQLITE_OK && *verdict_out == OK)
        rc = find(s, room, e->of, &now);
    if (rc != SQLITE_OK || *verdict_out != OK || room < 0 || !standing_change(&now, e))
        return rc;
    return put(s, room, &now);
}

/* --- the list ------------------------------------------------------------------------------- */

/* When it ends; 0: when it is lifted. Nothing, if it has ended. */
static void add_end(struct bytes *to, const char *name, int64_t until_ms, int64_t now_ms)
{
    if (until_ms > now_ms)
        object_add_number(to, name, until_ms == INT64_MAX ? 0 : (uint64_t)until_ms);
}

static void add_row(struct bytes *to, sqlite3_stmt *q, int64_t now_ms)
{
    object_begin(to, NULL);
    object_add_text(to, "nick", db_text(q, 0));
    object_add_text(to, "role", role_name((enum role)sqlite3_column_int(q, 1)));
    add_end(to, "banned", sqlite3_column_int64(q, 2), now_ms);
    add_end(to, "muted", sqlite3_column_int64(q, 3), now_ms);
    object_end(to);
}

int store_answer_standings(struct db *db, struct ask *ask)
{
    struct ask_standings *k = (struct ask_standings *)ask;
    sqlite3_stmt *q =
        db_statement(db, "SELECT nick, role, banned, muted FROM standing"
                         " JOIN identity ON identity.id = standing.identity"
                         " WHERE room = (SELECT id FROM room WHERE name = ?1)"
                         " AND (role > 0 OR banned > ?2 OR muted > ?2) ORDER BY nick LIMIT ?3");
    unsigned n = 0;
    int rc;
    sqlite3_bind_text(q, 1, ask->room, -1, SQLITE_STATIC);
    sqlite3_bind_int64(q, 2, k->now_ms);
    sqlite3_bind_int64(q, 3, (int64_t)k->limit + 1);
    array_begin(&ask->text, NULL);
    while ((rc = sqlite3_step(q)) == SQLITE_ROW && n++ < k->limit)
        add_row(&ask->text, q, k->now_ms);
    k->more = rc == SQLITE_ROW;
    array_end(&ask->text);
    db_reset(q);
    return ask->text.failed ? SQLITE_NOMEM : rc;
}

/* --- at start ------------------------------------------------------------------------------- */

enum err store_load_standings(struct store *s, struct chat *chat)
{
    sqlite3_stmt *q = NULL;
    int rc = sqlite3_prepare_v2(s->read.handle,
                                "SELECT identity, name, role, banned, muted FROM standing"
                                " JOIN room ON room.id = standing.room",
                                -1, &q, NULL);
    enum err err = OK;
    while (rc == SQLITE_OK && err == OK && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        struct standing one = {.identity = (uint64_t)sqlite3_column_int64(q, 0),
                               .role = (enum role)sqlite3_column_int(q, 2),
                               .banned_until_ms = sqlite3_column_int64(q, 3),
                               .muted_until_ms = sqlite3_column_int64(q, 4)};
        strncpy(one.room, db_text(q, 1), sizeof one.room - 1);
        err = chat_add_standing(chat, &one);
        rc = SQLITE_OK;
    }
    sqlite3_finalize(q);
    if (rc != SQLITE_DONE)
        log_error("store reading roles and bans: %s", store_why(rc));
    return rc == SQLITE_DONE ? err : ERR_UNAVAILABLE;
}

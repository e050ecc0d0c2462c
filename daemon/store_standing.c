/* store_standing.c - roles, bans and mutes in the file. What an event makes of them is the core's
 * (chat/chat.h). See store_inside.h. */
#include "store_inside.h"

#include "log.h"

#include <stdlib.h>
#include <string.h>

static int done(sqlite3_stmt *q)
{
    int rc = sqlite3_step(q);
    db_reset(q);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static void bind_at(sqlite3_stmt *q, int64_t room, uint64_t identity)
{
    sqlite3_bind_int64(q, 1, room);
    sqlite3_bind_int64(q, 2, (int64_t)identity);
}

/* SQLite's code; what is not there is plain. */
static int find(struct store *s, int64_t room, struct standing *to)
{
    sqlite3_stmt *q =
        db_statement(&s->write, WRITE_STANDING_FIND,
                     "SELECT role, banned, muted FROM standing WHERE room = ?1 AND identity = ?2");
    bind_at(q, room, to->identity);
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW) {
        to->role = (enum role)sqlite3_column_int(q, 0);
        to->banned_until_ms = sqlite3_column_int64(q, 1);
        to->muted_until_ms = sqlite3_column_int64(q, 2);
    }
    db_reset(q);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int put(struct store *s, int64_t room, const struct standing *from)
{
    sqlite3_stmt *q =
        db_statement(&s->write, WRITE_STANDING,
                     "INSERT OR REPLACE INTO standing(room, identity, role, banned, muted)"
                     " VALUES(?1, ?2, ?3, ?4, ?5)");
    bind_at(q, room, from->identity);
    sqlite3_bind_int(q, 3, (int)from->role);
    sqlite3_bind_int64(q, 4, from->banned_until_ms);
    sqlite3_bind_int64(q, 5, from->muted_until_ms);
    return done(q);
}

/* This one, and those that have ended by themselves. */
static int drop_plain(struct store *s, int64_t now_ms)
{
    sqlite3_stmt *q = db_statement(&s->write, WRITE_STANDING_DROP,
                                   "DELETE FROM standing WHERE role = 0 AND banned <= ?1"
                                   " AND muted <= ?1");
    sqlite3_bind_int64(q, 1, now_ms);
    return done(q);
}

int store_apply_standing(struct store *s, const struct event *e, int64_t room)
{
    struct standing now = {.identity = e->of};
    int rc = find(s, room, &now);
    if (rc != SQLITE_OK || !standing_change(&now, e))
        return rc;
    rc = put(s, room, &now);
    return rc == SQLITE_OK ? drop_plain(s, e->at_ms) : rc;
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

/* store_apply.c - what an event does besides standing in the log: a room comes to be, an identity
 * has a nick, an item changes. The same on every node, for the same events in the same order. */
#include "private.h"

#include "chat/base/item.h"
#include "chat/base/json.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static void bind_text(sqlite3_stmt *q, int column, const char *text)
{
    sqlite3_bind_text(q, column, text == NULL ? "" : text, -1, SQLITE_STATIC);
}

/* --- the server's log ----------------------------------------------------------------------- */

/* Rooms of people are counted; those of the configuration are not refused. */
static int count_rooms(struct store *s, const struct event *e, enum err *verdict_out)
{
    if (e->author == 0)
        return SQLITE_OK;
    sqlite3_stmt *q =
        db_statement(&s->write, "SELECT count(*), count(*) FILTER (WHERE creator = ?1) FROM room"
                                " WHERE id > 0");
    sqlite3_bind_int64(q, 1, (int64_t)e->author);
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW && (sqlite3_column_int64(q, 0) >= (int64_t)s->limits->rooms ||
                             sqlite3_column_int64(q, 1) >= (int64_t)s->limits->rooms_per_person))
        *verdict_out = ERR_FULL;
    db_reset(q);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

/* The daemon itself (author 0) may give a room other words and rules; its log goes on. */
static int insert_room(struct store *s, const struct event *e, const json_t *body,
                       enum err *verdict_out)
{
    char log[LOG_NAME_MAX + 1];
    event_log_name(e, log);
    sqlite3_stmt *q =
        db_statement(&s->write, "INSERT INTO room(name, title, topic, post, creator, log)"
                                " VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(name) DO UPDATE SET"
                                " title = excluded.title, topic = excluded.topic,"
                                " post = excluded.post WHERE excluded.creator = 0");
    bind_text(q, 1, field_string(body, "room"));
    bind_text(q, 2, field_string(body, "title"));
    bind_text(q, 3, field_string(body, "topic"));
    sqlite3_bind_int(q, 4, (int)role_of(field_string(body, "post")));
    sqlite3_bind_int64(q, 5, (int64_t)e->author);
    bind_text(q, 6, log);
    int rc = db_run(q);
    if (rc == SQLITE_OK && sqlite3_changes(s->write.handle) == 0)
        *verdict_out = ERR_ROOM_EXISTS;
    return rc;
}

static int apply_room(struct store *s, const struct event *e, enum err *verdict_out)
{
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    enum err full = OK;
    int rc = count_rooms(s, e, &full);
    if (rc == SQLITE_OK && full == OK)
        rc = insert_room(s, e, body, verdict_out);
    else if (rc == SQLITE_OK)
        *verdict_out = full;
    json_decref(body);
    return rc;
}

/* Whoever had the nick and was not seen for long loses it. */
static int apply_identity(struct store *s, const struct event *e, enum err *verdict_out)
{
    unsigned char token[TOKEN_HASH_BYTES];
    size_t n = 0;
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    const char *hex = field_string(body, "token");
    if (hex == NULL || sodium_hex2bin(token, sizeof token, hex, strlen(hex), NULL, &n, NULL) != 0) {
        json_decref(body);
        *verdict_out = ERR_BAD_FIELD;
        return SQLITE_OK;
    }
    sqlite3_stmt *q = db_statement(
        &s->write,
        "INSERT INTO identity(id, nick, skeleton, token, seen) VALUES(?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT(skeleton) DO UPDATE SET id = excluded.id, nick = excluded.nick,"
        " token = excluded.token, seen = excluded.seen"
        " WHERE identity.id = excluded.id OR identity.seen < ?6");
    sqlite3_bind_int64(q, 1, field_int(body, "identity", 0));
    bind_text(q, 2, field_string(body, "nick"));
    bind_text(q, 3, field_string(body, "skeleton"));
    sqlite3_bind_blob(q, 4, token, (int)n, SQLITE_STATIC);
    sqlite3_bind_int64(q, 5, e->at_ms);
    sqlite3_bind_int64(q, 6, field_int(body, "free_before", 0));
    int rc = db_run(q);
    if (rc == SQLITE_OK && sqlite3_changes(s->write.handle) == 0)
        *verdict_out = ERR_NICK_TAKEN;
    json_decref(body);
    return rc;
}

/* --- items ---------------------------------------------------------------------------------- */

/* What an item has become: SQLITE_ROW, with *patch_out new (NULL: nothing yet), or SQLITE_DONE. An
 * edit is its author's; who may delete is known to the core only. */
static int find_item(struct store *s, const struct event *e, int64_t room, char **patch_out,
                     char **body_out)
{
    sqlite3_stmt *q =
        db_statement(&s->write, "SELECT now, body FROM event WHERE room = ?1 AND seq = ?2"
                                " AND kind < ?4 AND (author = ?3 OR ?5)");
    sqlite3_bind_int64(q, 1, room);
    sqlite3_bind_int64(q, 2, (int64_t)e->of);
    sqlite3_bind_int64(q, 3, (int64_t)e->author);
    sqlite3_bind_int(q, 4, e->kind == EVENT_EDIT ? EVENT_MESSAGE + 1 : EVENT_ITEM_END);
    sqlite3_bind_int(q, 5, e->kind == EVENT_DELETE);
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW) {
        *patch_out = sqlite3_column_type(q, 0) == SQLITE_NULL ? NULL : strdup(db_text(q, 0));
        *body_out = strdup(db_text(q, 1));
    }
    db_reset(q);
    return rc;
}

static int set_now(struct store *s, int64_t room, uint64_t seq, const char *patch)
{
    if (patch == NULL)
        return SQLITE_NOMEM;
    sqlite3_stmt *q =
        db_statement(&s->write, "UPDATE event SET now = ?3 WHERE room = ?1 AND seq = ?2");
    sqlite3_bind_int64(q, 1, room);
    sqlite3_bind_int64(q, 2, (int64_t)seq);
    bind_text(q, 3, patch);
    return db_run(q);
}

static int set_body(struct store *s, int64_t room, uint64_t seq, const char *body)
{
    if (body == NULL)
        return SQLITE_NOMEM;
    sqlite3_stmt *q =
        db_statement(&s->write, "UPDATE event SET body = ?3 WHERE room = ?1 AND seq = ?2");
    sqlite3_bind_int64(q, 1, room);
    sqlite3_bind_int64(q, 2, (int64_t)seq);
    bind_text(q, 3, body);
    return db_run(q);
}

static int redact_edits(struct store *s, int64_t room, uint64_t of)
{
    sqlite3_stmt *q = db_statement(
        &s->write, "SELECT seq, body FROM event INDEXED BY event_of WHERE room = ?1 AND of = ?2"
                   " AND kind = 16");
    int rc;
    sqlite3_bind_int64(q, 1, room);
    sqlite3_bind_int64(q, 2, (int64_t)of);
    while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
        char *body = body_redacted(db_text(q, 1));
        int set = set_body(s, room, (uint64_t)sqlite3_column_int64(q, 0), body);
        free(body);
        if (set != SQLITE_OK) {
            rc = set;
            break;
        }
    }
    db_reset(q);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int delete_item(struct store *s, int64_t room, uint64_t seq, const char *body)
{
    char *patch = item_deleted(), *redacted = body_redacted(body);
    int rc = set_now(s, room, seq, patch);
    if (rc == SQLITE_OK)
        rc = set_body(s, room, seq, redacted);
    if (rc == SQLITE_OK)
        rc = redact_edits(s, room, seq);
    if (rc == SQLITE_OK)
        rc = store_forget_poll(s, room, seq);
    free(patch);
    free(redacted);
    s->scrub = true;
    return rc;
}

static int apply_edit(struct store *s, const struct event *e, int64_t room, const char *before)
{
    char *patch = item_edited(before, e);
    int rc = set_now(s, room, e->of, patch);
    free(patch);
    return rc;
}

/* Her own words about what she has deleted herself. */
static int purge_reasons(struct store *s, const struct event *e, int64_t room)
{
    sqlite3_stmt *q = db_statement(&s->write, "UPDATE event INDEXED BY event_key"
                                              " SET body = json_remove(body, '$.reason')"
                                              " WHERE author = ?2 AND key IS NOT NULL AND room = ?1"
                                              " AND kind = 17");
    sqlite3_bind_int64(q, 1, room);
    sqlite3_bind_int64(q, 2, (int64_t)e->of);
    return db_run(q);
}

/* All that one person has said before: her votes name nobody and stay. */
static int apply_purge(struct store *s, const struct event *e, int64_t room)
{
    sqlite3_stmt *q = db_statement(
        &s->write, "SELECT seq, body, now FROM event INDEXED BY event_key WHERE author = ?2"
                   " AND key IS NOT NULL AND room = ?1 AND kind < 16");
    int rc;
    sqlite3_bind_int64(q, 1, room);
    sqlite3_bind_int64(q, 2, (int64_t)e->of);
    while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
        if (item_is_deleted(sqlite3_column_type(q, 2) == SQLITE_NULL ? NULL : db_text(q, 2)))
            continue;
        int deleted = delete_item(s, room, (uint64_t)sqlite3_column_int64(q, 0), db_text(q, 1));
        if (deleted != SQLITE_OK) {
            rc = deleted;
            break;
        }
    }
    db_reset(q);
    s->scrub = true;
    return rc == SQLITE_DONE ? purge_reasons(s, e, room) : rc;
}

/* Whether what the event changes is missing here, in a gap that was told: SQLITE_ROW. The change is
 * an event like others then, without anything to change. */
static int find_gap(struct store *s, const struct event *e, int64_t room)
{
    sqlite3_stmt *q = db_statement(&s->write, "SELECT kind FROM event WHERE room = ?1 AND seq >= ?2"
                                              " ORDER BY seq LIMIT 1");
    sqlite3_bind_int64(q, 1, room);
    sqlite3_bind_int64(q, 2, (int64_t)e->of);
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW && sqlite3_column_int(q, 0) != EVENT_GAP)
        rc = SQLITE_DONE;
    db_reset(q);
    return rc;
}

/* A change of what is deleted, or of somebody else's, changes nothing: it is not written. The core
 * has looked before; only a delete that was on its way meanwhile leads here. */
static int apply_change(struct store *s, const struct event *e, int64_t room, enum err *verdict_out)
{
    char *patch = NULL, *body = NULL;
    int rc = find_item(s, e, room, &patch, &body);
    if (rc == SQLITE_DONE && find_gap(s, e, room) == SQLITE_ROW)
        return SQLITE_OK;
    if (rc == SQLITE_DONE || (rc == SQLITE_ROW && patch != NULL && item_is_deleted(patch))) {
        *verdict_out = ERR_NOT_FOUND;
        rc = SQLITE_OK;
    } else if (rc == SQLITE_ROW) {
        rc = e->kind == EVENT_DELETE ? delete_item(s, room, e->of, body)
                                     : apply_edit(s, e, room, patch);
    }
    free(patch);
    free(body);
    return rc;
}

int store_apply(struct store *s, const struct event *e, int64_t room, enum err *verdict_out,
                char **told_out)
{
    switch (e->kind) {
    case EVENT_GAP: return store_lose_polls(s, e, room);
    case EVENT_POLL: return store_apply_poll(s, e, room, verdict_out);
    case EVENT_VOTE:
    case EVENT_BALLOT:
    case EVENT_POLL_CLOSED: return store_apply_ballot(s, e, room, verdict_out, told_out);
    case EVENT_ROOM: return apply_room(s, e, verdict_out);
    case EVENT_IDENTITY: return apply_identity(s, e, verdict_out);
    case EVENT_ROLE:
    case EVENT_KICK:
    case EVENT_BAN:
    case EVENT_UNBAN:
    case EVENT_MUTE:
    case EVENT_UNMUTE: return room == 0 ? store_apply_standing(s, e, verdict_out) : SQLITE_OK;
    case EVENT_PURGE:
        return room == 0 ? store_apply_standing(s, e, verdict_out) : apply_purge(s, e, room);
    case EVENT_EDIT:
    case EVENT_DELETE: return apply_change(s, e, room, verdict_out);
    default: return SQLITE_OK;
    }
}

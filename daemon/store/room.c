/* room.c - see room.h. Also the feature that creates rooms. */
#include "room.h"

#include "feature.h"
#include "load.h"
#include "private.h"
#include "reject.h"
#include "row.h"

#include "chat/base/body.h"
#include "chat/base/json.h"
#include "chat/base/limits.h"
#include "chat/chat.h"
#include "log.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

/* Room 0, without a name, is the server's own log. */
static const struct schema_step schema[] = {
    {1, "CREATE TABLE room(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, title TEXT NOT NULL,"
        " topic TEXT NOT NULL, post INTEGER NOT NULL, creator INTEGER NOT NULL, log TEXT NOT NULL) "
        "STRICT;"
        "INSERT INTO room VALUES(0, '', '', '', 0, 0, '');"},
    /* The keys of the title. NULL: an earlier version created the room, and its log lacks them. */
    {8, "ALTER TABLE room ADD COLUMN skeleton TEXT;"
        "ALTER TABLE room ADD COLUMN look TEXT;"
        "CREATE INDEX room_skeleton ON room(skeleton) WHERE skeleton IS NOT NULL;"
        "CREATE INDEX room_look ON room(look) WHERE look IS NOT NULL;"},
    /* What the configuration said when somebody changed it: room_words(). NULL: it holds. */
    {19, "ALTER TABLE room ADD COLUMN before TEXT;"},
    {0, NULL},
};

/* --- the rooms that the writer knows -------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void free_room(void *room)
{
    free(((struct log_room *)room)->name);
    free(room);
}

void store_forget_rooms(struct store *s)
{
    tdestroy(s->rooms, free_room);
    s->rooms = NULL;
}

void store_forget_room(struct store *s, struct log_room *room)
{
    tdelete(room, &s->rooms, by_name);
    free_room(room);
}

static struct log_room *remember_room(struct store *s, const char *name, const struct log_room *of)
{
    struct log_room *r = malloc(sizeof *r);
    if (r == NULL)
        return NULL;
    *r = *of;
    r->name = strdup(name);
    if (r->name == NULL || tsearch(r, &s->rooms, by_name) == NULL) {
        free_room(r);
        return NULL;
    }
    return r;
}

int store_find_room(struct store *s, const char *name, struct log_room **room_out)
{
    struct log_room **known = tfind(&name, &s->rooms, by_name);
    *room_out = known == NULL ? NULL : *known;
    if (known != NULL)
        return SQLITE_OK;
    sqlite3_stmt *q = db_statement(&s->write, "SELECT id, life FROM room WHERE name = ?1");
    struct row_end end;
    db_bind_text(q, 1, name);
    int rc = sqlite3_step(q);
    struct log_room found = {0};
    if (rc == SQLITE_ROW)
        found = (struct log_room){.id = sqlite3_column_int64(q, 0),
                                  .life = (uint64_t)sqlite3_column_int64(q, 1)};
    db_reset(q);
    if (rc != SQLITE_ROW)
        return rc == SQLITE_DONE ? SQLITE_OK : rc;
    rc = row_find_end(s, &s->write, name, &end);
    found.last = end.seq;
    found.last_ms = end.at_ms;
    if (rc == SQLITE_OK && (*room_out = remember_room(s, name, &found)) == NULL)
        rc = SQLITE_NOMEM;
    return rc;
}

/* --- creating ------------------------------------------------------------------------------- */

/* The rooms of the configuration (author 0) are never rejected. */
static int count_rooms(struct store *s, const struct event *e, enum err *err_out)
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
        *err_out = ERR_FULL;
    db_reset(q);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

/* Two rooms of users never have titles that look alike. The keys come with the event, so that all
 * nodes decide alike, whatever Unicode tables they have. */
static int compare_titles(struct store *s, const struct event *e, const json_t *body,
                          enum err *err_out)
{
    const char *skeleton = field_string(body, "skeleton"), *look = field_string(body, "look");
    if (e->author == 0 || skeleton == NULL || look == NULL)
        return SQLITE_OK;
    sqlite3_stmt *q = db_statement(&s->write, "SELECT 1 FROM room WHERE name != ?1 AND"
                                              " (skeleton IN (?2, ?3) OR look IN (?2, ?3))");
    db_bind_string(q, 1, field_string(body, "room"));
    db_bind_text(q, 2, skeleton);
    db_bind_text(q, 3, look);
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW)
        *err_out = ERR_ROOM_EXISTS;
    db_reset(q);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* The configuration (author 0) may change the words and rules of a room; its log goes on. */
static int insert_room(struct store *s, const struct event *e, const json_t *body, int64_t life,
                       enum err *err_out)
{
    char log[LOG_NAME_MAX + 1];
    event_log_name(e, log);
    sqlite3_stmt *q =
        db_statement(&s->write, "INSERT INTO room(id, name, title, topic, post, creator, log,"
                                " skeleton, look, life) VALUES((SELECT max(id) + 1 FROM"
                                " (SELECT id FROM room UNION ALL SELECT id FROM room_rest)),"
                                " ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
                                " ON CONFLICT(name) DO UPDATE SET"
                                " title = excluded.title, topic = excluded.topic,"
                                " post = excluded.post, skeleton = excluded.skeleton,"
                                " look = excluded.look, before = NULL WHERE excluded.creator = 0");
    db_bind_string(q, 1, field_string(body, "room"));
    db_bind_string(q, 2, field_string(body, "title"));
    db_bind_string(q, 3, field_string(body, "topic"));
    sqlite3_bind_int(q, 4, (int)role_of(field_string(body, "post")));
    sqlite3_bind_int64(q, 5, (int64_t)e->author);
    db_bind_string(q, 6, log);
    db_bind_text(q, 7, field_string(body, "skeleton"));
    db_bind_text(q, 8, field_string(body, "look"));
    sqlite3_bind_int64(q, 9, life);
    int rc = db_run(q);
    if (rc == SQLITE_OK && sqlite3_changes(s->write.handle) == 0)
        *err_out = ERR_ROOM_EXISTS;
    return rc;
}

/* How many rooms had this name before. */
static int count_lives(struct store *s, const char *name, int64_t *out)
{
    sqlite3_stmt *q = db_statement(&s->write, "SELECT lives FROM room_past WHERE name = ?1");
    db_bind_text(q, 1, name);
    int rc = sqlite3_step(q);
    *out = rc == SQLITE_ROW ? sqlite3_column_int64(q, 0) : 0;
    db_reset(q);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* The chat and the journal learn which life it is. */
static int tell_life(json_t *body, int64_t life, struct verdict *v)
{
    if (life == 0 && json_object_get(body, "life") == NULL)
        return SQLITE_OK;
    json_object_set_new(body, "life", json_integer(life));
    v->told = json_dumps(body, JSON_COMPACT);
    return v->told == NULL ? SQLITE_NOMEM : SQLITE_OK;
}

static int apply_room(struct store *s, const struct event *e, int64_t room, struct verdict *v)
{
    int64_t life = 0;
    (void)room;
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    int rc = count_rooms(s, e, &v->err);
    if (rc == SQLITE_OK && v->err == OK)
        rc = compare_titles(s, e, body, &v->err);
    if (rc == SQLITE_OK && v->err == OK)
        rc = count_lives(s, field_string(body, "room"), &life);
    if (rc == SQLITE_OK && v->err == OK)
        rc = insert_room(s, e, body, life, &v->err);
    if (rc == SQLITE_OK && v->err == OK)
        rc = tell_life(body, life, v);
    json_decref(body);
    return rc;
}

/* --- changing ------------------------------------------------------------------------------- */

/* As room_words() makes it. */
#define KEEP_WORDS                                                                                 \
    "UPDATE room SET before = coalesce(before, title || char(10) || topic || char(10) || post),"

static int run_change(struct store *s, sqlite3_stmt *q, const json_t *body, struct verdict *v)
{
    db_bind_string(q, 1, field_string(body, "room"));
    int rc = db_run(q);
    if (rc == SQLITE_OK && sqlite3_changes(s->write.handle) == 0)
        v->err = ERR_NO_SUCH_ROOM;
    return rc;
}

static int set_topic(struct store *s, const json_t *body, struct verdict *v)
{
    sqlite3_stmt *q =
        db_statement(&s->write, KEEP_WORDS " title = ?2, topic = ?3, skeleton = ?4, look = ?5"
                                           " WHERE name = ?1");
    db_bind_string(q, 2, field_string(body, "title"));
    db_bind_string(q, 3, field_string(body, "topic"));
    db_bind_text(q, 4, field_string(body, "skeleton"));
    db_bind_text(q, 5, field_string(body, "look"));
    return run_change(s, q, body, v);
}

static int set_post(struct store *s, const json_t *body, struct verdict *v)
{
    sqlite3_stmt *q = db_statement(&s->write, KEEP_WORDS " post = ?2 WHERE name = ?1");
    sqlite3_bind_int(q, 2, (int)role_of(field_string(body, "who")));
    return run_change(s, q, body, v);
}

/* The copy in the room's log changes nothing. */
static int apply_rule(struct store *s, const struct event *e, int64_t room, struct verdict *v)
{
    int rc = SQLITE_OK;
    if (room != 0)
        return rc;
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    if (e->kind == EVENT_TOPIC)
        rc = compare_titles(s, e, body, &v->err);
    if (rc == SQLITE_OK && v->err == OK)
        rc = e->kind == EVENT_TOPIC ? set_topic(s, body, v) : set_post(s, body, v);
    json_decref(body);
    return rc;
}

static const struct feature_kind kinds[] = {
    {EVENT_ROOM, apply_room}, {EVENT_TOPIC, apply_rule}, {EVENT_POST, apply_rule}, {0, NULL}};

/* --- at start ------------------------------------------------------------------------------- */

#define DAMAGED_LOG "damaged"

static enum role post_of(sqlite3_stmt *q)
{
    int64_t post = sqlite3_column_int64(q, 3);
    return post >= ROLE_MEMBER && post <= ROLE_NOBODY ? (enum role)post : ROLE_MODERATOR;
}

static bool is_whole(sqlite3_stmt *q)
{
    return db_text_ok(q, 1, BODY_LINE_MAX) && db_text_ok(q, 2, BODY_LINE_MAX) &&
           post_of(q) == sqlite3_column_int64(q, 3) && db_text_ok(q, 4, LOG_NAME_MAX);
}

/* What is damaged is left out, so that the room keeps its messages: the title becomes the name, and
 * only moderators write. A room of the configuration then gets its words and rules from there
 * again. The clock never removes a damaged room. */
static struct room_seed seed_of(sqlite3_stmt *q, const struct row_end *end)
{
    int64_t made_ms;
    uint64_t made_seq;
    bool dated = is_whole(q) && event_of_log(db_text(q, 4), &made_ms, &made_seq);
    bool changed = !db_is_null(q, 8) && db_text_ok(q, 8, 3 * BODY_LINE_MAX);
    return (struct room_seed){
        .name = db_text(q, 0),
        .title = db_text(q, db_text_ok(q, 1, BODY_LINE_MAX) ? 1 : 0),
        .topic = db_text_ok(q, 2, BODY_LINE_MAX) ? db_text(q, 2) : "",
        .post = post_of(q),
        .log = db_text_ok(q, 4, LOG_NAME_MAX) ? db_text(q, 4) : DAMAGED_LOG,
        .last = end->seq,
        .last_at_ms = end->at_ms == 0 && dated ? made_ms : end->at_ms,
        .life = (uint64_t)sqlite3_column_int64(q, 6),
        .creator = dated ? (uint64_t)sqlite3_column_int64(q, 7) : 0,
        .before = changed ? db_text(q, 8) : NULL,
    };
}

/* Without its name nothing is left of a damaged one. */
static int load_room(void *arg, sqlite3_stmt *q)
{
    const struct load *l = arg;
    bool named = db_text_ok(q, 0, ROOM_NAME_MAX) && room_name_ok(db_text(q, 0));
    struct row_end end;
    if (!named || !is_whole(q))
        store_reject_row(l->store, named ? db_text(q, 0) : SERVER_LOG,
                         (uint64_t)sqlite3_column_int64(q, 5), "a room");
    if (!named)
        return OK;
    int rc = row_find_end(l->store, &l->store->read, db_text(q, 0), &end);
    if (rc != SQLITE_OK)
        return rc;
    struct room_seed seed = seed_of(q, &end);
    return chat_add_room(l->chat, &seed);
}

static enum err load_rooms(struct store *s, struct chat *chat)
{
    return store_load_rows(s, "rooms",
                           "SELECT name, title, topic, post, log, id, life, creator, before"
                           " FROM room"
                           " WHERE name <> '' ORDER BY id",
                           load_room, &(struct load){s, chat});
}

const struct store_feature room_feature = {.schema = schema, .kinds = kinds, .load = load_rooms};

/* cmd_room.c - coming into rooms and leaving them: join, leave, create, and pages of history. */
#include "command.h"
#include "chat/model/identity.h"
#include "chat/cluster/peers.h"
#include "chat/model/room.h"
#include "chat/model/session.h"
#include "chat/model/standings.h"

#include <string.h>

#define PAGE_DEFAULT 50

static enum err ask_page(struct request *q, uint64_t before, unsigned limit,
                         void (*done)(struct ask *ask))
{
    struct ask_page *ask = ask_create(sizeof *ask, ASK_PAGE, q->room, done, q);
    if (ask != NULL) {
        ask->before = before;
        ask->limit = limit;
        ask->identity = q->identity;
    }
    return ask_take(q->chat->config, (struct ask *)ask);
}

/* --- joined --------------------------------------------------------------------------------- */

static void write_here(struct bytes *b, const struct room *r, size_t most)
{
    size_t n = 0;
    bytes_add_text(b, ",\"here\":[");
    list_each(l, next, &r->people)
    {
        const struct person *p = list_entry(l, struct person, in_room);
        if (n++ == most)
            break;
        if (n > 1)
            bytes_add(b, ",", 1);
        bytes_add_json(b, p->identity->nick);
    }
    bytes_add(b, "]", 1);
}

static void write_joined(struct session *s, const char *id, const struct room *r, uint64_t last,
                         const char *items, size_t items_bytes)
{
    size_t mark = reply_begin(s, "joined", id);
    struct bytes *b = &s->out;
    session_add_text(b, "room", r->name);
    session_add_text(b, "log", r->log);
    session_add_text(b, "title", r->title);
    session_add_text(b, "topic", r->topic);
    session_add_text(b, "role", role_name(role_in(s->chat, s->identity->id, r)));
    session_add_number(b, "last", last);
    session_add_number(b, "read", identity_marker(s->identity, r).read);
    write_here(b, r, s->chat->config->limits.here);
    session_add_number(b, "count", r->people_count);
    bytes_add_text(b, ",\"pins\":[],\"slow\":0,\"recovered\":");
    bytes_add_text(b, items == NULL ? "true" : "false");
    bytes_add_text(b, ",\"items\":");
    if (items == NULL)
        bytes_add_text(b, "[]");
    else
        bytes_add(b, items, items_bytes);
    reply_end(s, mark);
}

/* The session becomes a member with its cursor behind `after`; what it was before in this room
 * ends. `items`: a fresh page, or NULL when it resumes. */
static enum err enter(struct session *s, const char *id, struct room *r, uint64_t after,
                      const char *items, size_t items_bytes)
{
    if (is_banned(s->chat, s->identity->id, r))
        return ERR_BANNED;
    struct member *before = room_member(r, s);
    struct member *m = room_enter(r, s, after);
    if (m == NULL)
        return ERR_UNAVAILABLE;
    room_leave(&before, false);
    struct marker marker = identity_marker(s->identity, r);
    marker.room = r;
    marker.joined = true;
    if (identity_mark(s->identity, &marker))
        peers_mark(s->identity, r);
    write_joined(s, id, r, items == NULL ? r->last : after, items, items_bytes);
    return OK;
}

/* --- join ----------------------------------------------------------------------------------- */

/* Whoever joins again is told nothing meanwhile: the new membership begins where the question was
 * asked, and no event comes twice. */
static void hold(struct session *s, const struct room *r, bool on)
{
    struct member *m = s == NULL || r == NULL ? NULL : room_member(r, s);
    if (m == NULL)
        return;
    m->held = on;
    if (!on)
        session_make_dirty(s);
}

static void join_done_take(struct request *q, enum err err)
{
    if (err != OK)
        hold(request_session(q), room_find(q->chat, q->room), false);
    command_done_take(q, err);
}

static void enter_fresh_take(struct request *q, enum err err, const char *items, size_t n)
{
    struct session *s = request_session(q);
    struct room *r = room_find(q->chat, q->room);
    if (err == OK && s != NULL && r != NULL && s->state != SESSION_CLOSING)
        err = enter(s, request_id(q), r, q->last, items, n);
    join_done_take(q, err);
}

static void on_page(struct ask *ask)
{
    enter_fresh_take(ask->arg, ask->err, ask->text.at, ask->text.size);
}

static void join_fresh_take(struct request *q, const struct room *r)
{
    q->last = r->last;
    if (q->limit == 0) {
        enter_fresh_take(q, OK, "[]", 2);
        return;
    }
    if (ask_page(q, r->last + 1, q->limit, on_page) != OK)
        join_done_take(q, ERR_UNAVAILABLE);
}

static void resume_or_not_take(struct request *q, enum err err, size_t n)
{
    struct session *s = request_session(q);
    struct room *r = room_find(q->chat, q->room);
    if (err != OK || s == NULL || r == NULL || s->state == SESSION_CLOSING)
        join_done_take(q, err);
    else if (n > q->chat->config->limits.resume_events)
        join_fresh_take(q, r);
    else
        join_done_take(q, enter(s, request_id(q), r, q->of, NULL, 0));
}

static void on_counted(struct ask *ask)
{
    resume_or_not_take(ask->arg, ask->err, ((struct ask_count *)ask)->n);
}

/* Counting is for who has been away long: the window knows the others. */
static void resume_take(struct request *q, const struct room *r)
{
    if (window_find(&r->window, q->of) != WINDOW_OUTSIDE) {
        resume_or_not_take(q, OK, window_count_after(&r->window, q->of));
        return;
    }
    struct ask_count *ask = ask_create(sizeof *ask, ASK_COUNT, r->name, on_counted, q);
    if (ask != NULL) {
        ask->after = q->of;
        ask->limit = (size_t)q->chat->config->limits.resume_events + 1;
    }
    enum err err = ask_take(q->chat->config, (struct ask *)ask);
    if (err != OK)
        join_done_take(q, err);
}

static bool may_resume(const struct request *q, const struct room *r)
{
    const char *log = field_string(q->args, "log");
    return json_object_get(q->args, "after") != NULL && log != NULL && strcmp(log, r->log) == 0 &&
           q->of <= r->last;
}

/* The room's log is here, as new as it can be. */
static void on_followed(void *arg)
{
    struct request *q = arg;
    struct room *r = room_find(q->chat, q->room);
    if (request_session(q) == NULL || r == NULL)
        join_done_take(q, ERR_NO_SUCH_ROOM);
    else if (may_resume(q, r))
        resume_take(q, r);
    else
        join_fresh_take(q, r);
}

enum err cmd_join(struct session *s, const struct call *c)
{
    if (room_member(c->room, s) == NULL &&
        s->member_count >= s->chat->config->limits.rooms_per_session)
        return ERR_FULL;
    const struct chat_config *config = s->chat->config;
    struct request *q = command_later(s, c);
    if (q == NULL)
        return ERR_UNAVAILABLE;
    q->limit = (unsigned)field_int(c->args, "limit", PAGE_DEFAULT);
    q->of = (uint64_t)field_int(c->args, "after", 0);
    hold(s, c->room, true);
    c->room->followed = true;
    c->room->left_ms = s->chat->now_ms;
    if (config->journal_ops->follow == NULL ||
        config->journal_ops->follow(config->journal, c->room->name, on_followed, q))
        on_followed(q);
    return OK;
}

enum err cmd_leave(struct session *s, const struct call *c)
{
    struct marker marker = identity_marker(s->identity, c->room);
    struct member *m = c->member;
    marker.room = c->room;
    marker.joined = false;
    if (identity_mark(s->identity, &marker))
        peers_mark(s->identity, c->room);
    room_leave(&m, true);
    reply_ok(s, c->id, c->room->name);
    return OK;
}

/* --- history -------------------------------------------------------------------------------- */

static void on_history(struct ask *ask)
{
    struct request *q = ask->arg;
    enum err err = ask->err;
    struct session *s = request_session(q);
    if (err == OK && s != NULL && s->state != SESSION_CLOSING)
        err = command_check(s, q);
    if (err == OK && s != NULL && s->state != SESSION_CLOSING) {
        size_t mark = reply_begin(s, "history", request_id(q));
        session_add_text(&s->out, "room", q->room);
        bytes_add_text(&s->out, ",\"items\":");
        bytes_add(&s->out, ask->text.at, ask->text.size);
        session_add_bool(&s->out, "more", ((struct ask_page *)ask)->more);
        reply_end(s, mark);
    }
    command_done_take(q, err);
}

enum err cmd_history(struct session *s, const struct call *c)
{
    struct request *q = command_later(s, c);
    if (q == NULL)
        return ERR_UNAVAILABLE;
    enum err err = ask_page(q, (uint64_t)field_int(c->args, "before", 0),
                            (unsigned)field_int(c->args, "limit", PAGE_DEFAULT), on_history);
    if (err != OK)
        command_done_take(q, err);
    return OK;
}

/* --- create --------------------------------------------------------------------------------- */

enum err submit_room(struct chat *chat, const struct room_seed *seed, uint64_t author,
                     const char *key, journal_done *done, void *arg)
{
    struct bytes body = {0};
    bytes_add_text(&body, "{\"room\":");
    bytes_add_json(&body, seed->name);
    session_add_text(&body, "title", seed->title);
    session_add_text(&body, "topic", seed->topic);
    session_add_text(&body, "post", role_name(seed->post));
    bytes_add(&body, "}", 1);
    struct event e = {.room = SERVER_LOG,
                      .kind = EVENT_ROOM,
                      .author = author,
                      .key = key,
                      .body = body.at,
                      .body_bytes = body.size};
    const struct chat_config *config = chat->config;
    enum err err =
        body.failed ? ERR_UNAVAILABLE : config->journal_ops->submit(config->journal, &e, done, arg);
    bytes_finish(&body);
    return err;
}

static void on_created(void *arg, enum err err, uint64_t seq, int64_t at_ms)
{
    struct request *q = arg;
    struct session *s = request_session(q);
    (void)seq, (void)at_ms;
    if (err == OK && s != NULL && s->state != SESSION_CLOSING)
        reply_ok(s, request_id(q), field_string(q->args, "room"));
    command_done_take(q, err);
}

enum err cmd_create(struct session *s, const struct call *c)
{
    const struct chat_config *config = s->chat->config;
    const char *name = field_string(c->args, "room");
    const char *title = field_string(c->args, "title"), *topic = field_string(c->args, "topic");
    if (role_in(s->chat, s->identity->id, NULL) < config->create_rooms)
        return ERR_FORBIDDEN;
    enum err err = check_speech(s->identity, NULL); /* a room has words, too */
    if (err != OK)
        return err;
    if (s->chat->room_count >= config->limits.rooms && room_find(s->chat, name) == NULL)
        return ERR_FULL; /* a room that exists may be this command's own, sent again */

    struct request *q = command_later(s, c);
    if (q == NULL)
        return ERR_UNAVAILABLE;
    struct room_seed seed = {.name = name,
                             .title = title == NULL ? name : title,
                             .topic = topic == NULL ? "" : topic,
                             .post = ROLE_MEMBER};
    err = submit_room(s->chat, &seed, s->identity->id, c->id, on_created, q);
    if (err != OK)
        command_done_take(q, err);
    return OK;
}

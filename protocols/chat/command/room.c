/* room.c - the commands that join, leave and create rooms: join, leave, create. */
#include "private.h"
#include "request.h"
#include "submit.h"

#include "chat/base/object.h"
#include "chat/cluster/tell.h"
#include "chat/model/ask.h"
#include "chat/model/marker.h"
#include "chat/model/member.h"
#include "chat/model/pins.h"
#include "chat/model/reply.h"
#include "chat/model/room.h"
#include "chat/model/session.h"
#include "chat/model/standings.h"

#include <stdlib.h>
#include <string.h>

/* --- joined --------------------------------------------------------------------------------- */

static void write_here(struct bytes *b, const struct room *r, size_t most)
{
    size_t n = 0;
    array_begin(b, "here");
    list_each(l, next, &r->people)
    {
        if (n++ == most)
            break;
        object_add_text(b, NULL, list_entry(l, struct person, in_room)->identity->nick);
    }
    array_end(b);
}

/* `muted_until`: 0: until it is lifted. */
static void write_mute(struct session *s, const struct room *r)
{
    if (standings_check_speech(s->identity, r) != ERR_MUTED)
        return;
    uint64_t left_ms = standings_left_ms(s->chat, s->identity->id, r, ERR_MUTED);
    object_add_number(&s->out, "muted_until",
                      left_ms == 0 ? 0 : (uint64_t)s->chat->wall_ms + left_ms);
}

/* A page as the archive gives it; nothing, for a client that wants none. */
struct page_text {
    const struct bytes *items, *acts;
};

static void write_array(struct bytes *b, const char *name, const struct bytes *text)
{
    bool some = text != NULL && text->size > 0;
    object_add_json(b, name, some ? text->at : "[]", some ? text->size : 2);
}

static void write_joined(struct session *s, const char *id, const struct room *r, uint64_t last,
                         const struct page_text *page)
{
    size_t mark = reply_begin(s, "joined", id);
    struct bytes *b = &s->out;
    char log[LOG_NAME_MAX + 1 + BRANCH_MAX + 1];
    room_log_name(r, log);
    object_add_text(b, "room", r->name);
    object_add_text(b, "log", log);
    object_add_text(b, "title", r->title);
    object_add_text(b, "topic", r->topic);
    object_add_text(b, "post", role_name(r->post));
    object_add_text(b, "role", role_name(standings_role(s->chat, s->identity->id, r)));
    object_add_number(b, "last", last);
    object_add_number(b, "read", marker_of(s->identity, r).read);
    write_here(b, r, s->chat->config->limits.here);
    object_add_number(b, "count", r->people_count);
    pins_write(b, r);
    object_add_number(b, "slow", 0);
    write_mute(s, r);
    object_add_bool(b, "recovered", page == NULL);
    write_array(b, "items", page == NULL ? NULL : page->items);
    write_array(b, "acts", page == NULL ? NULL : page->acts);
    reply_end(s, mark);
}

static void set_joined(struct identity *i, struct room *r, bool joined)
{
    struct marker marker = marker_of(i, r);
    marker.room = r;
    marker.joined = joined;
    if (marker_set(i, &marker))
        tell_marker(i, r);
}

/* Makes the session a member with its cursor after `after`, and ends an earlier membership in this
 * room. `page`: a fresh one; NULL: the client resumes. */
static enum err enter(struct session *s, const char *id, struct room *r, uint64_t after,
                      const struct page_text *page)
{
    if (standings_banned(s->chat, s->identity->id, r))
        return ERR_BANNED;
    struct member *before = member_find(r, s);
    if (member_enter(r, s, after) == NULL)
        return ERR_UNAVAILABLE;
    member_leave(&before, false);
    set_joined(s->identity, r, true);
    write_joined(s, id, r, page == NULL && r->last > after ? r->last : after, page);
    return OK;
}

/* --- join ----------------------------------------------------------------------------------- */

/* A session that joins a second time gets no events until the answer: the new membership begins at
 * the time of the question, so every event comes once. */
static void hold(struct session *s, const struct room *r, bool on)
{
    member_hold(s == NULL || r == NULL ? NULL : member_find(r, s), on);
}

static void join_done_take(struct request *q, enum err err)
{
    if (err != OK)
        hold(request_session(q), room_find(q->chat, q->room), false);
    request_done_take(q, err);
}

static void enter_fresh_take(struct request *q, enum err err, const struct page_text *page)
{
    struct session *s = request_speaker(q);
    struct room *r = room_find(q->chat, q->room);
    if (err == OK && s != NULL && r != NULL)
        err = enter(s, request_id(q), r, q->last, page);
    join_done_take(q, err);
}

static void on_page(struct ask *ask)
{
    enter_fresh_take(ask->arg, ask->err, &(struct page_text){&ask->text, &ask->rows});
}

static void join_fresh_take(struct request *q, const struct room *r)
{
    q->last = r->last;
    if (q->limit == 0) {
        enter_fresh_take(q, OK, &(struct page_text){NULL, NULL});
        return;
    }
    struct ask_page *ask = ask_create(sizeof *ask, ASK_PAGE, q->room, on_page, q);
    if (ask != NULL) {
        ask->before = r->last + 1;
        ask->limit = q->limit;
        ask->identity = q->identity;
    }
    if (request_question_take(q, (struct ask *)ask) != OK)
        join_done_take(q, ERR_UNAVAILABLE);
}

/* `missed`: the number of events that the client lacks. */
static void resume_or_not_take(struct request *q, enum err err, size_t missed)
{
    struct session *s = request_speaker(q);
    struct room *r = room_find(q->chat, q->room);
    if (err != OK || s == NULL || r == NULL)
        join_done_take(q, err);
    else if (missed > q->chat->config->limits.resume_events)
        join_fresh_take(q, r);
    else
        join_done_take(q, enter(s, request_id(q), r, q->of, NULL));
}

static void on_counted(struct ask *ask)
{
    resume_or_not_take(ask->arg, ask->err, ((struct ask_count *)ask)->n);
}

/* For a client that was away briefly the window counts the events, for others the archive does. */
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
    enum err err = request_question_take(q, (struct ask *)ask);
    if (err != OK)
        join_done_take(q, err);
}

static bool may_resume(const struct request *q, const struct room *r)
{
    const char *theirs = field_string(q->args, "log");
    char log[LOG_NAME_MAX + 1 + BRANCH_MAX + 1];
    room_log_name(r, log);
    return json_object_get(q->args, "after") != NULL && theirs != NULL &&
           strcmp(theirs, log) == 0 && room_may_have(r, q->of);
}

static void on_followed(void *arg);

/* If the pins have changed meanwhile, the archive is asked again. */
static void on_pins(struct ask *ask)
{
    struct request *q = ask->arg;
    struct room *r = room_find(q->chat, q->room);
    if (ask->err == OK && r != NULL)
        pins_take(r, ask);
    if (ask->err == OK)
        on_followed(q);
    else
        join_done_take(q, ask->err);
}

static void ask_pins_take(struct request *q, const struct room *r)
{
    if (request_question_take(q, pins_ask(r, on_pins, q)) != OK)
        join_done_take(q, ERR_UNAVAILABLE);
}

/* The room's log is here, as new as it can be. */
static void on_followed(void *arg)
{
    struct request *q = arg;
    struct room *r = room_find(q->chat, q->room);
    if (request_session(q) == NULL || r == NULL)
        join_done_take(q, ERR_NO_SUCH_ROOM);
    else if (!pins_known(r))
        ask_pins_take(q, r);
    else if (may_resume(q, r))
        resume_take(q, r);
    else
        join_fresh_take(q, r);
}

static enum err cmd_join(struct session *s, const struct call *c)
{
    if (member_find(c->room, s) == NULL &&
        s->member_count >= s->chat->config->limits.rooms_per_session)
        return ERR_FULL;
    struct request *q = request_later(sizeof *q, s, c);
    if (q == NULL)
        return ERR_UNAVAILABLE;
    q->limit = (unsigned)field_int(c->args, "limit", PAGE_DEFAULT);
    q->of = (uint64_t)field_int(c->args, "after", 0);
    hold(s, c->room, true);
    if (room_follow(c->room, q->of, on_followed, q))
        on_followed(q);
    return OK;
}

static enum err cmd_leave(struct session *s, const struct call *c)
{
    struct member *m = c->member;
    set_joined(s->identity, c->room, false);
    member_leave(&m, true);
    reply_ok(s, c->id, c->room->name);
    return OK;
}

/* --- create --------------------------------------------------------------------------------- */

#define DAY_US ((uint64_t)24 * 3600 * 1000000)

struct create {
    struct request q; /* first */
    uint64_t cost_us; /* taken from the share of the address */
};
_Static_assert(offsetof(struct create, q) == 0, "a request is a create");

/* Of the address that the session comes from. A room that exists costs nothing: the log decides
 * whether this command, sent before, has created it. */
static enum err take_share(struct session *s, const char *name, uint64_t *cost_us_out,
                           uint64_t *wait_ms_out)
{
    const unsigned a_day = s->chat->config->limits.rooms_per_address_day;
    *cost_us_out = 0;
    if (s->source->unlimited || a_day == 0 || room_find(s->chat, name) != NULL)
        return OK;
    if (!rate_take(&s->source->rooms, DAY_US / a_day, a_day, 1, s->chat->now_ms, wait_ms_out))
        return ERR_RATE;
    *cost_us_out = DAY_US / a_day;
    return OK;
}

static void on_created(void *arg, enum err err, uint64_t seq, int64_t at_ms)
{
    struct create *create = arg;
    struct request *q = &create->q;
    struct session *s = request_session(q);
    (void)seq, (void)at_ms;
    if (err == OK && request_speaker(q) != NULL)
        reply_ok(s, request_id(q), field_string(q->args, "room"));
    else if (err != OK && s != NULL)
        rate_give(&s->source->rooms, create->cost_us);
    request_done_take(q, err);
}

/* The room may exist because this command was sent before: the log decides. So it does between two
 * rooms with one title that are created at the same moment. */
static enum err check_create(const struct session *s, const char *name, const char *title)
{
    const struct chat_config *config = s->chat->config;
    if (standings_role(s->chat, s->identity->id, NULL) < config->create_rooms)
        return ERR_FORBIDDEN;
    enum err err = standings_check_speech(s->identity, NULL); /* a title is speech, too */
    if (err != OK || room_find(s->chat, name) != NULL)
        return err;
    if (room_find_titled(s->chat, title, name) != NULL)
        return ERR_ROOM_EXISTS;
    return s->chat->room_count >= config->limits.rooms ? ERR_FULL : OK;
}

static enum err cmd_create(struct session *s, const struct call *c)
{
    const char *name = field_string(c->args, "room");
    const char *title = field_string(c->args, "title"), *topic = field_string(c->args, "topic");
    if (title == NULL)
        title = name;
    uint64_t cost_us;
    enum err err = check_create(s, name, title);
    if (err == OK)
        err = take_share(s, name, &cost_us, c->wait_ms);
    if (err != OK)
        return err;
    struct create *create = request_later(sizeof *create, s, c);
    if (create == NULL)
        return ERR_UNAVAILABLE;
    create->cost_us = cost_us;
    struct room_seed seed = {
        .name = name, .title = title, .topic = topic == NULL ? "" : topic, .post = ROLE_MEMBER};
    err = submit_room(s->chat, &seed, s->identity->id, c->id, on_created, create);
    if (err != OK)
        on_created(create, err, 0, 0);
    return OK;
}

/* --- the commands --------------------------------------------------------------------------- */

/* clang-format off */
static const struct field join_fields[] = {
    ARG_ROOM, { "after", FIELD_INT, false, 0, SEQ_MAX }, { "log", FIELD_STRING, false, 0, 64 },
    { "limit", FIELD_INT, false, 0, 200 }, {0} };
static const struct field room_fields[] = { ARG_ROOM, {0} };
static const struct field create_fields[] = {
    ARG_ROOM, { "title", FIELD_LINE, false, 1, 80 }, { "topic", FIELD_LINE, false, 0, 400 }, {0} };

const struct command room_commands[] = {
    /* type          need          least           cost  in order  needs id  handler         fields */
    { "join",        NEED_ROOM,    ROLE_MEMBER,    1,    true,     false,    cmd_join,       join_fields },
    { "leave",       NEED_MEMBER,  ROLE_MEMBER,    1,    true,     false,    cmd_leave,      room_fields },
    { "create",      NEED_NAME,    ROLE_MEMBER,    5,    true,     true,     cmd_create,     create_fields },
    {0},
};
/* clang-format on */

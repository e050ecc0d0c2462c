/* standing.c - see standing.h. */
#include "standing.h"

#include "command.h"
#include "identity.h"
#include "peers.h"
#include "room.h"
#include "session.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare_identity(const void *a, const void *b)
{
    uint64_t x = ((const struct standing *)a)->identity, y = ((const struct standing *)b)->identity;
    return (x > y) - (x < y);
}

static int compare(const void *a, const void *b)
{
    const struct standing *x = a, *y = b;
    int order = compare_identity(a, b);
    return order != 0 ? order : strcmp(x->room, y->room);
}

static struct standing *find(const struct chat *chat, uint64_t identity, const char *room)
{
    struct standing key = {.identity = identity};
    snprintf(key.room, sizeof key.room, "%s", room);
    struct standing **found = tfind(&key, &chat->standings, compare);
    return found == NULL ? NULL : *found;
}

static const char *name_of(const struct room *r) { return r == NULL ? SERVER_LOG : r->name; }

/* --- what somebody is ----------------------------------------------------------------------- */

enum role role_in(const struct chat *chat, uint64_t identity, const struct room *r)
{
    if (identity == OPERATOR_ID)
        return ROLE_OPERATOR;
    const struct standing *here = r == NULL ? NULL : find(chat, identity, r->name);
    const struct standing *everywhere = find(chat, identity, SERVER_LOG);
    enum role a = here == NULL ? ROLE_MEMBER : here->role;
    enum role b = everywhere == NULL ? ROLE_MEMBER : everywhere->role;
    return a > b ? a : b;
}

bool may_post(const struct identity *i, const struct room *r)
{
    return r->post == ROLE_MEMBER || role_in(i->chat, i->id, r) >= r->post;
}

bool is_banned(const struct chat *chat, uint64_t identity, const struct room *r)
{
    const struct standing *s = find(chat, identity, name_of(r));
    return s != NULL && s->banned_until_ms > chat->wall_ms;
}

bool has_standing(const struct chat *chat, uint64_t identity)
{
    const struct standing key = {.identity = identity};
    return tfind(&key, &chat->standings, compare_identity) != NULL;
}

enum err standing_place(const struct chat *chat, uint64_t identity, const struct room *r)
{
    bool full = chat->standing_count >= chat->config->limits.standings;
    return full && find(chat, identity, name_of(r)) == NULL ? ERR_FULL : OK;
}

/* --- what the log makes of it --------------------------------------------------------------- */

bool standing_change(struct standing *s, const struct event *e)
{
    if (e->kind != EVENT_ROLE && e->kind != EVENT_BAN && e->kind != EVENT_UNBAN)
        return false;
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    int64_t seconds = field_int(body, "seconds", 0);
    if (e->kind == EVENT_ROLE)
        s->role = role_of(field_string(body, "role"));
    else if (e->kind == EVENT_UNBAN)
        s->banned_until_ms = 0;
    else
        s->banned_until_ms = seconds == 0 ? INT64_MAX : e->at_ms + seconds * 1000;
    json_decref(body);
    return true;
}

bool standing_is_plain(const struct standing *s, int64_t now_ms)
{
    return s->role == ROLE_MEMBER && s->banned_until_ms <= now_ms;
}

enum err chat_add_standing(struct chat *chat, const struct standing *from)
{
    struct standing *s = malloc(sizeof *s);
    if (s == NULL)
        return ERR_UNAVAILABLE;
    *s = *from;
    if (tsearch(s, &chat->standings, compare) == NULL) {
        free(s);
        return ERR_UNAVAILABLE;
    }
    chat->standing_count++;
    return OK;
}

static void forget(struct chat *chat, struct standing *s)
{
    tdelete(s, &chat->standings, compare);
    chat->standing_count--;
    free(s);
}

void standing_apply(struct chat *chat, const struct event *e)
{
    struct standing *known = find(chat, e->of, e->room), now = {.identity = e->of};
    strncpy(now.room, e->room, sizeof now.room - 1);
    if (known != NULL)
        now = *known;
    if (!standing_change(&now, e))
        return;
    if (known == NULL && !standing_is_plain(&now, chat->wall_ms))
        chat_add_standing(chat, &now);
    else if (known != NULL && standing_is_plain(&now, chat->wall_ms))
        forget(chat, known);
    else if (known != NULL)
        *known = now;
}

void standings_forget(struct chat *chat)
{
    tdestroy(chat->standings, free);
    chat->standings = NULL;
}

/* --- what comes of it ----------------------------------------------------------------------- */

/* The identity, if it is here. */
static struct identity *whom(const struct chat *chat, const struct event *e)
{
    struct nick nick;
    struct identity *i = NULL;
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    const char *name = field_string(body, "nick");
    if (name != NULL && nick_parse(chat->nicks, name, &nick) == OK)
        i = identity_find(chat, nick.skeleton);
    json_decref(body);
    return i != NULL && i->id == e->of ? i : NULL;
}

/* The event as a signal for one room: the server's log is nobody's. */
static void tell_room(struct room *r, const struct event *e)
{
    struct bytes frame = {0};
    size_t mark = session_begin(&frame, event_type(e->kind));
    session_add_text(&frame, "room", r->name);
    bytes_add(&frame, ",", 1);
    bytes_add(&frame, e->body + 1, e->body_bytes - 2);
    session_end(&frame, mark);
    if (!frame.failed)
        room_signal(r, NULL, &frame);
    bytes_finish(&frame);
}

/* She has the event, whatever else she has not had of the room, and is no member any more. */
static void put_out(struct member *m, const struct event *e)
{
    struct session *s = m->session;
    member_flush(m);
    if (m->seq < e->seq) {
        event_frame(&s->out, e);
        session_make_dirty(s);
    }
    room_leave(&m, true);
}

static void put_out_of(struct identity *i, struct room *r, const struct event *e)
{
    list_each(l, next, &i->sessions)
    {
        struct member *m = room_member(r, list_entry(l, struct session, in_identity));
        if (m != NULL)
            put_out(m, e);
    }
    struct marker marker = identity_marker(i, r);
    marker.room = r;
    marker.joined = false;
    if (i->loaded && identity_mark(i, &marker))
        peers_mark(i, r);
}

static void end_sessions(struct identity *i)
{
    list_each(l, next, &i->sessions)
        session_close(list_entry(l, struct session, in_identity), CLOSE_BANNED, "banned");
}

void standing_enforce(struct chat *chat, const struct event *e)
{
    struct room *place = room_find(chat, e->room);
    struct identity *i = whom(chat, e);
    if (i == NULL)
        return;
    list_each(l, next, &i->people)
    {
        struct person *p = list_entry(l, struct person, of_identity);
        if (e->kind == EVENT_ROLE && (place == NULL || p->room == place))
            person_changed(p);
        if (place == NULL)
            tell_room(p->room, e);
    }
    if (e->kind == EVENT_BAN && place != NULL && is_banned(chat, i->id, place))
        put_out_of(i, place, e);
    if (e->kind == EVENT_BAN && place == NULL && is_banned(chat, i->id, NULL))
        end_sessions(i);
}

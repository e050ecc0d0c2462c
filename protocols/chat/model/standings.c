/* standing.c - see standing.h. */
#include "standings.h"

#include "chat/command/command.h"
#include "identity.h"
#include "chat/cluster/peers.h"
#include "room.h"
#include "session.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SWEEP_MS 60000

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

/* One that is kept: the tree finds its first member. */
struct kept {
    struct standing standing;
    struct list in_chat;
};

static struct standing *find(const struct chat *chat, uint64_t identity, const char *room)
{
    struct standing key = {.identity = identity};
    snprintf(key.room, sizeof key.room, "%s", room);
    struct standing **found = tfind(&key, &chat->standings_by_identity, compare);
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

/* The later of both ends; 0: neither. */
static int64_t until(const struct standing *s, enum err what)
{
    if (s == NULL)
        return 0;
    return what == ERR_BANNED ? s->banned_until_ms : s->muted_until_ms;
}

enum role rank_in(const struct chat *chat, uint64_t identity, const struct room *r)
{
    enum role highest = role_in(chat, identity, r);
    if (r != NULL)
        return highest;
    list_each(l, next, &chat->standings)
    {
        const struct standing *s = &list_entry(l, struct kept, in_chat)->standing;
        if (s->identity == identity && s->role > highest)
            highest = s->role;
    }
    return highest;
}

bool is_banned(const struct chat *chat, uint64_t identity, const struct room *r)
{
    return until(find(chat, identity, name_of(r)), ERR_BANNED) > chat->wall_ms;
}

bool is_muted(const struct chat *chat, uint64_t identity, const struct room *r)
{
    return until(find(chat, identity, name_of(r)), ERR_MUTED) > chat->wall_ms;
}

enum err check_speech(const struct identity *i, const struct room *r)
{
    bool muted = is_muted(i->chat, i->id, NULL) || (r != NULL && is_muted(i->chat, i->id, r));
    return muted ? ERR_MUTED : OK;
}

enum err check_post(const struct identity *i, const struct room *r)
{
    if (r->post != ROLE_MEMBER && role_in(i->chat, i->id, r) < r->post)
        return ERR_FORBIDDEN;
    return check_speech(i, r);
}

uint64_t standing_left_ms(const struct chat *chat, uint64_t identity, const struct room *r,
                          enum err what)
{
    if (what != ERR_BANNED && what != ERR_MUTED)
        return 0;
    int64_t here = r == NULL ? 0 : until(find(chat, identity, r->name), what);
    int64_t everywhere = until(find(chat, identity, SERVER_LOG), what);
    int64_t end_ms = here > everywhere ? here : everywhere;
    return end_ms > chat->wall_ms && end_ms < INT64_MAX ? (uint64_t)(end_ms - chat->wall_ms) : 0;
}

bool has_standing(const struct chat *chat, uint64_t identity)
{
    const struct standing key = {.identity = identity};
    return tfind(&key, &chat->standings_by_identity, compare_identity) != NULL;
}

/* --- what the log makes of it --------------------------------------------------------------- */

enum err chat_add_standing(struct chat *chat, const struct standing *from)
{
    struct kept *k = malloc(sizeof *k);
    if (k == NULL)
        return ERR_UNAVAILABLE;
    k->standing = *from;
    if (tsearch(k, &chat->standings_by_identity, compare) == NULL) {
        free(k);
        return ERR_UNAVAILABLE;
    }
    list_add(&chat->standings, &k->in_chat);
    chat->standing_count++;
    return OK;
}

static void forget(struct chat *chat, struct standing *s)
{
    struct kept *k = (struct kept *)s;
    tdelete(s, &chat->standings_by_identity, compare);
    list_remove(&k->in_chat);
    chat->standing_count--;
    free(k);
}

/* `name`: of the room, or SERVER_LOG. */
static void keep(struct chat *chat, const struct event *e, const char *name)
{
    struct standing *known = find(chat, e->of, name), now = {.identity = e->of};
    snprintf(now.room, sizeof now.room, "%s", name);
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

static void forget_plain(struct chat *chat)
{
    list_each(l, next, &chat->standings)
    {
        struct kept *k = list_entry(l, struct kept, in_chat);
        if (standing_is_plain(&k->standing, chat->wall_ms))
            forget(chat, &k->standing);
    }
}

enum err standing_place(struct chat *chat, uint64_t identity, const struct room *r)
{
    const size_t most = chat->config->limits.standings;
    if (chat->standing_count >= most)
        forget_plain(chat);
    return chat->standing_count >= most && find(chat, identity, name_of(r)) == NULL ? ERR_FULL : OK;
}

void standings_tick(struct chat *chat)
{
    if (chat->standings_due_ms > chat->now_ms)
        return;
    chat->standings_due_ms = chat->now_ms + SWEEP_MS;
    forget_plain(chat);
}

void standings_forget(struct chat *chat)
{
    list_each(l, next, &chat->standings)
        forget(chat, &list_entry(l, struct kept, in_chat)->standing);
}

/* --- what comes of it ----------------------------------------------------------------------- */

/* The identity, if it is here. */
static struct identity *whom(const struct chat *chat, const struct event *e, const json_t *body)
{
    struct nick nick;
    struct identity *i = NULL;
    const char *name = field_string(body, "nick");
    if (name != NULL && nick_parse(chat->nicks, name, &nick) == OK)
        i = identity_find(chat, nick.skeleton);
    return i != NULL && i->id == e->of ? i : NULL;
}

/* The event as a signal in a room. */
static void write_signal(struct bytes *frame, const struct room *r, const struct event *e,
                         json_t *body)
{
    json_object_set_new(body, "room", json_string(r->name));
    char *text = json_dumps(body, JSON_COMPACT);
    size_t mark = session_begin(frame, event_traits(e->kind)->type);
    bytes_add(frame, ",", 1);
    if (text != NULL)
        bytes_add(frame, text + 1, strlen(text) - 2);
    session_end(frame, mark);
    frame->failed |= text == NULL;
    free(text);
}

static void tell_room(struct room *r, const struct event *e, json_t *body)
{
    struct bytes frame = {0};
    write_signal(&frame, r, e, body);
    if (!frame.failed)
        room_signal(r, NULL, &frame);
    bytes_finish(&frame);
}

/* She is told so, for certain, and is no member any more: what she has not had of the room she gets
 * if she may come back. */
static void put_out_of(struct identity *i, struct room *r, const struct event *e, json_t *body)
{
    list_each(l, next, &i->sessions)
    {
        struct session *s = list_entry(l, struct session, in_identity);
        struct member *m = room_member(r, s);
        if (m == NULL)
            continue;
        member_flush(m);
        write_signal(&s->out, r, e, body);
        session_make_dirty(s);
        room_leave(&m, true);
    }
    struct marker marker = identity_marker(i, r);
    marker.room = r;
    marker.joined = false;
    if (i->loaded)
        identity_mark(i, &marker);
}

static void end_sessions(struct identity *i)
{
    list_each(l, next, &i->sessions)
        session_close(list_entry(l, struct session, in_identity), CLOSE_BANNED, "banned");
}

static void everywhere(struct identity *i, const struct event *e, json_t *body)
{
    json_object_set_new(body, "everywhere", json_true());
    list_each(l, next, &i->people)
    {
        struct person *p = list_entry(l, struct person, of_identity);
        person_changed(p);
        tell_room(p->room, e, body);
    }
    if (e->kind == EVENT_BAN && is_banned(i->chat, i->id, NULL))
        end_sessions(i);
}

/* `i` is NULL if she is not here. Every node hears of it: none has to tell the others. */
static void in_room(struct identity *i, struct room *r, const struct event *e, json_t *body)
{
    bool out = e->kind == EVENT_KICK || (e->kind == EVENT_BAN && is_banned(r->chat, e->of, r));
    struct person *p = i == NULL ? NULL : person_find(r, i);
    if (p != NULL)
        person_changed(p); /* what she may, perhaps */
    if (out && i != NULL)
        put_out_of(i, r, e, body);
    if (out && (i == NULL || !i->loaded))
        archive_mark(r->chat, e->of, &(struct marker){.room = r});
}

void standing_apply(struct chat *chat, const struct event *e)
{
    if (event_traits(e->kind)->class != CLASS_ACT || strcmp(e->room, SERVER_LOG) != 0)
        return; /* a room's log only tells */
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    const char *name = field_string(body, "room");
    struct room *r = room_find(chat, name == NULL ? SERVER_LOG : name);
    keep(chat, e, name == NULL ? SERVER_LOG : name);
    struct identity *i = whom(chat, e, body);
    if (i != NULL && name == NULL)
        everywhere(i, e, body);
    else if (name != NULL && r != NULL)
        in_room(i, r, e, body);
    json_decref(body);
}

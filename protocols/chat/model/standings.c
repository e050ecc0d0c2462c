/* standings.c - see standings.h. */
#include "standings.h"

#include "chat/base/json.h"

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

/* An entry of the tree, which compares its first member. */
struct kept {
    struct standing standing; /* first */
    struct list in_chat;
};
_Static_assert(offsetof(struct kept, standing) == 0, "the tree compares it");

static struct standing *find(const struct chat *chat, uint64_t identity, const char *room)
{
    struct standing key = {.identity = identity};
    snprintf(key.room, sizeof key.room, "%s", room);
    struct standing **found = tfind(&key, &chat->standings_by_identity, compare);
    return found == NULL ? NULL : *found;
}

static const char *name_of(const struct room *r) { return r == NULL ? SERVER_LOG : r->name; }

/* --- questions ------------------------------------------------------------------------------ */

enum role standings_role(const struct chat *chat, uint64_t identity, const struct room *r)
{
    if (identity == OPERATOR_ID)
        return ROLE_OPERATOR;
    const struct standing *here = r == NULL ? NULL : find(chat, identity, r->name);
    const struct standing *everywhere = find(chat, identity, SERVER_LOG);
    enum role a = here == NULL ? ROLE_MEMBER : here->role;
    enum role b = everywhere == NULL ? ROLE_MEMBER : everywhere->role;
    return a > b ? a : b;
}

/* Of the ban or the mute; 0: `s` has none. */
static int64_t until(const struct standing *s, enum err what)
{
    if (s == NULL)
        return 0;
    return what == ERR_BANNED ? s->banned_until_ms : s->muted_until_ms;
}

enum role standings_rank(const struct chat *chat, uint64_t identity, const struct room *r)
{
    enum role highest = standings_role(chat, identity, r);
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

bool standings_banned(const struct chat *chat, uint64_t identity, const struct room *r)
{
    return until(find(chat, identity, name_of(r)), ERR_BANNED) > chat->wall_ms;
}

bool standings_muted(const struct chat *chat, uint64_t identity, const struct room *r)
{
    return until(find(chat, identity, name_of(r)), ERR_MUTED) > chat->wall_ms;
}

enum err standings_check_speech(const struct identity *i, const struct room *r)
{
    bool muted =
        standings_muted(i->chat, i->id, NULL) || (r != NULL && standings_muted(i->chat, i->id, r));
    return muted ? ERR_MUTED : OK;
}

enum err standings_check_post(const struct identity *i, const struct room *r)
{
    if (r->post != ROLE_MEMBER && standings_role(i->chat, i->id, r) < r->post)
        return ERR_FORBIDDEN;
    return standings_check_speech(i, r);
}

uint64_t standings_left_ms(const struct chat *chat, uint64_t identity, const struct room *r,
                           enum err what)
{
    if (what != ERR_BANNED && what != ERR_MUTED)
        return 0;
    int64_t here = r == NULL ? 0 : until(find(chat, identity, r->name), what);
    int64_t everywhere = until(find(chat, identity, SERVER_LOG), what);
    int64_t end_ms = here > everywhere ? here : everywhere;
    return end_ms > chat->wall_ms && end_ms < INT64_MAX ? (uint64_t)(end_ms - chat->wall_ms) : 0;
}

bool standings_any(const struct chat *chat, uint64_t identity)
{
    const struct standing key = {.identity = identity};
    return tfind(&key, &chat->standings_by_identity, compare_identity) != NULL;
}

/* --- changes -------------------------------------------------------------------------------- */

enum err standings_add(struct chat *chat, const struct standing *from)
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

/* `name`: the room's, or SERVER_LOG. */
static void change(struct chat *chat, const struct event *e, const char *name)
{
    struct standing *known = find(chat, e->of, name), now = {.identity = e->of};
    snprintf(now.room, sizeof now.room, "%s", name);
    if (known != NULL)
        now = *known;
    if (!standing_change(&now, e))
        return;
    if (known == NULL && !standing_is_plain(&now, chat->wall_ms))
        standings_add(chat, &now);
    else if (known != NULL && standing_is_plain(&now, chat->wall_ms))
        forget(chat, known);
    else if (known != NULL)
        *known = now;
}

void standings_apply(struct chat *chat, const struct event *e)
{
    if (event_traits(e->kind)->class != CLASS_ACT || strcmp(e->room, SERVER_LOG) != 0)
        return; /* a room's log only informs its members */
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    const char *name = field_string(body, "room");
    change(chat, e, name == NULL ? SERVER_LOG : name);
    json_decref(body);
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

enum err standings_check_place(struct chat *chat, uint64_t identity, const struct room *r)
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

/* standings.c - see standings.h. */
#include "standings.h"

#include "room.h"

#include "chat/base/json.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SWEEP_MS    60000
#define ENDS_A_TICK 256 /* standings that one tick drops */

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
    struct list same;         /* a ring of all of the same identity, without a head */
    struct list of_room;
    struct heap_link in_ending; /* by the wall clock; in no heap if it holds until it is changed */
};
_Static_assert(offsetof(struct kept, standing) == 0, "the tree compares it");

static struct kept *find_kept(const struct chat *chat, uint64_t identity, const char *room)
{
    struct standing key = {.identity = identity};
    snprintf(key.room, sizeof key.room, "%s", room);
    struct kept **found = tfind(&key, &chat->standings_by_identity, compare);
    return found == NULL ? NULL : *found;
}

static const struct standing *find(const struct chat *chat, uint64_t identity, const char *room)
{
    return (const struct standing *)find_kept(chat, identity, room);
}

/* Any one of the identity; NULL: it has none. */
static struct kept *find_any(const struct chat *chat, uint64_t identity)
{
    const struct standing key = {.identity = identity};
    struct kept **found = tfind(&key, &chat->standings_by_identity, compare_identity);
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
    const struct kept *any = r == NULL ? find_any(chat, identity) : NULL;
    if (any == NULL)
        return highest;
    list_each(l, next, &any->same)
    {
        enum role role = list_entry(l, struct kept, same)->standing.role;
        highest = role > highest ? role : highest;
    }
    return any->standing.role > highest ? any->standing.role : highest;
}

bool standings_banned(const struct chat *chat, uint64_t identity, const struct room *r)
{
    return until(find(chat, identity, name_of(r)), ERR_BANNED) > chat->end_ms;
}

bool standings_muted(const struct chat *chat, uint64_t identity, const struct room *r)
{
    return until(find(chat, identity, name_of(r)), ERR_MUTED) > chat->end_ms;
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
    return end_ms > chat->end_ms && end_ms < INT64_MAX ? (uint64_t)(end_ms - chat->end_ms) : 0;
}

bool standings_any(const struct chat *chat, uint64_t identity)
{
    return find_any(chat, identity) != NULL;
}

/* --- changes -------------------------------------------------------------------------------- */

/* When a standing without a role says nothing any more; INT64_MAX: never by itself. */
static int64_t end_ms(const struct standing *s)
{
    if (s->role != ROLE_MEMBER)
        return INT64_MAX;
    return s->banned_until_ms > s->muted_until_ms ? s->banned_until_ms : s->muted_until_ms;
}

/* Without memory it stays until it is changed, and says nothing meanwhile. */
static void set_end(struct chat *chat, struct kept *k)
{
    int64_t ms = end_ms(&k->standing);
    heap_remove(&chat->standings_ending, &k->in_ending);
    if (ms < INT64_MAX)
        heap_add(&chat->standings_ending, &k->in_ending, ms);
}

enum err standings_add(struct chat *chat, const struct standing *from)
{
    struct kept *any = find_any(chat, from->identity);
    struct kept *k = calloc(1, sizeof *k);
    if (k == NULL)
        return ERR_UNAVAILABLE;
    k->standing = *from;
    if (tsearch(k, &chat->standings_by_identity, compare) == NULL) {
        free(k);
        return ERR_UNAVAILABLE;
    }
    struct room *r = room_find(chat, from->room);
    list_init(&k->of_room);
    if (r != NULL)
        list_add(&r->standings, &k->of_room);
    list_init(&k->same);
    if (any != NULL)
        list_add(&any->same, &k->same);
    set_end(chat, k);
    chat->standing_count++;
    return OK;
}

static void forget(struct chat *chat, struct kept *k)
{
    tdelete(k, &chat->standings_by_identity, compare);
    list_remove(&k->same);
    list_remove(&k->of_room);
    heap_remove(&chat->standings_ending, &k->in_ending);
    chat->standing_count--;
    free(k);
}

/* `name`: the room's, or SERVER_LOG. */
static void change(struct chat *chat, const struct event *e, const char *name)
{
    struct kept *known = find_kept(chat, e->of, name);
    struct standing now = {.identity = e->of};
    snprintf(now.room, sizeof now.room, "%s", name);
    if (known != NULL)
        now = known->standing;
    if (!standing_change(&now, e))
        return;
    if (known == NULL && !standing_is_plain(&now, chat->end_ms)) {
        standings_add(chat, &now);
    } else if (known != NULL && standing_is_plain(&now, chat->end_ms)) {
        forget(chat, known);
    } else if (known != NULL) {
        known->standing = now;
        set_end(chat, known);
    }
}

void standings_apply(struct chat *chat, const struct event *e)
{
    if (event_traits(e->kind)->class != CLASS_ACT || strcmp(e->room, SERVER_LOG) != 0)
        return; /* a room's log only informs its members */
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    const char *name = field_string(body, "room");
    if (name == NULL || room_find(chat, name) != NULL)
        change(chat, e, name == NULL ? SERVER_LOG : name);
    json_decref(body);
}

/* True: more have ended. */
static bool forget_ended(struct chat *chat)
{
    for (int n = 0; n < ENDS_A_TICK; n++) {
        struct heap_link *first = heap_first(&chat->standings_ending);
        if (first == NULL || first->key > chat->end_ms)
            return false;
        forget(chat, heap_entry(first, struct kept, in_ending));
    }
    return true;
}

enum err standings_check_place(struct chat *chat, uint64_t identity, const struct room *r)
{
    const size_t most = chat->config->limits.standings;
    if (chat->standing_count >= most)
        forget_ended(chat);
    return chat->standing_count >= most && find(chat, identity, name_of(r)) == NULL ? ERR_FULL : OK;
}

void standings_tick(struct chat *chat)
{
    if (chat->standings_due_ms <= chat->now_ms && !forget_ended(chat))
        chat->standings_due_ms = chat->now_ms + SWEEP_MS;
}

void standings_forget_room(struct room *r)
{
    list_each(l, next, &r->standings) forget(r->chat, list_entry(l, struct kept, of_room));
}

void standings_forget(struct chat *chat)
{
    tdestroy(chat->standings_by_identity, free);
    chat->standings_by_identity = NULL;
    heap_finish(&chat->standings_ending);
}

/* presence.c - who is here: people come and go, and are told of in one signal for many.
 *
 * A change waits for room_tell_here(), some tenths of a second later, and longer in a crowd, so
 * that a thousand people who come at once cost a few signals and not a million. Who left and came
 * back meanwhile never left. Here is who has a session, on this node or on another. */
#include "identity.h"
#include "chat/cluster/peers.h"
#include "room.h"
#include "session.h"
#include "standings.h"

#include <stdlib.h>

#define TELL_AFTER_MS 250
#define STAY_MS       3000
#define TELL_NAMES    100 /* more changes than this are only counted */

/* What typing may cost a room: so many frames a second, whoever types. */
#define TYPING_FRAME_US 500
#define TYPING_BURST    2000

struct person *person_find(const struct room *r, const struct identity *i)
{
    list_each(l, next, &i->people)
    {
        struct person *p = list_entry(l, struct person, of_identity);
        if (p->room == r)
            return p;
    }
    return NULL;
}

void person_changed(struct person *p)
{
    struct room *r = p->room;
    if (list_empty(&p->in_changed))
        list_add(&r->changed, &p->in_changed);
    if (r->tell_here_ms == 0)
        r->tell_here_ms = r->chat->now_ms + TELL_AFTER_MS + r->member_count / 2;
}

struct person *person_get(struct room *r, struct identity *i)
{
    struct person *p = person_find(r, i);
    if (p != NULL || (p = calloc(1, sizeof *p)) == NULL)
        return p;
    p->room = r;
    p->identity = identity_ref(i);
    list_add(&i->people, &p->of_identity);
    list_init(&p->in_changed);
    list_init(&p->elsewhere);
    list_add(&r->people, &p->in_room);
    r->people_count++;
    return p;
}

struct person *person_enter(struct room *r, struct identity *i)
{
    struct person *p = person_get(r, i);
    if (p == NULL)
        return NULL;
    p->sessions++;
    if (!p->told || !p->told_peers)
        person_changed(p);
    return p;
}

void person_leave(struct person *p, bool at_once)
{
    if (--p->sessions > 0)
        return;
    p->left_ms = at_once ? 0 : p->room->chat->now_ms;
    person_changed(p);
}

void people_away(struct identity *i, bool on, uint64_t at_ms)
{
    i->away = on;
    i->away_at_ms = at_ms;
    list_each(l, next, &i->people) person_changed(list_entry(l, struct person, of_identity));
}

static bool is_here(const struct person *p)
{
    return p->sessions > 0 || !list_empty(&p->elsewhere);
}

/* Whether she may be back in a moment. */
static bool is_awaited(const struct person *p)
{
    return !is_here(p) && p->left_ms + STAY_MS > p->room->chat->now_ms;
}

static enum role role_of_person(const struct person *p)
{
    return role_in(p->room->chat, p->identity->id, p->room);
}

/* Whether the others in the room have something to hear: she may have come to, or left, only one of
 * several nodes. */
static bool is_news(const struct person *p)
{
    return !is_here(p) || !p->told || p->told_away != p->identity->away ||
           p->told_role != role_of_person(p);
}

static void forget(struct person *p)
{
    p->room->people_count--;
    list_remove(&p->in_room);
    list_remove(&p->in_changed);
    list_remove(&p->of_identity);
    identity_unref(&p->identity);
    free(p);
}

void room_forget_people(struct room *r)
{
    list_each(l, next, &r->people) forget(list_entry(l, struct person, in_room));
}

/* Appends who came, or who left, as the elements of a JSON array. */
static void write_came(struct bytes *b, const struct list *changes)
{
    bool first = true;
    list_each(l, next, changes)
    {
        const struct person *p = list_entry(l, struct person, in_changed);
        if (!is_here(p) || !is_news(p))
            continue;
        if (!first)
            bytes_add(b, ",", 1);
        identity_write(b, p->identity, p->room);
        first = false;
    }
}

static void write_left(struct bytes *b, const struct list *changes)
{
    bool first = true;
    list_each(l, next, changes)
    {
        const struct person *p = list_entry(l, struct person, in_changed);
        if (is_here(p) || !p->told)
            continue;
        if (!first)
            bytes_add(b, ",", 1);
        bytes_add_json(b, p->identity->nick);
        first = false;
    }
}

/* Takes out of the room's changes those that can be told now; returns how many are news here. */
static size_t take_changes(struct room *r, struct list *now)
{
    size_t n = 0;
    list_init(now);
    r->tell_here_ms = 0;
    list_each(l, next, &r->changed)
    {
        struct person *p = list_entry(l, struct person, in_changed);
        if (is_awaited(p)) {
            r->tell_here_ms = r->chat->now_ms + STAY_MS / 4;
            continue;
        }
        list_remove(l);
        list_add(now, l);
        n += is_news(p);
    }
    return n;
}

static size_t count_gone(const struct list *changes)
{
    size_t n = 0;
    list_each(l, next, changes) n += !is_here(list_entry(l, struct person, in_changed));
    return n;
}

static void write_changes(struct bytes *b, const struct list *changes)
{
    bytes_add_text(b, ",\"came\":[");
    write_came(b, changes);
    bytes_add_text(b, "],\"left\":[");
    write_left(b, changes);
    bytes_add_text(b, "]");
}

static void settle(struct list *changes)
{
    list_each(l, next, changes)
    {
        struct person *p = list_entry(l, struct person, in_changed);
        list_remove(l);
        bool has_session = p->sessions > 0;
        if (has_session != p->told_peers)
            peers_person(p, has_session);
        p->told_peers = has_session;
        p->told_away = p->identity->away;
        p->told_role = role_of_person(p);
        p->told = is_here(p);
        if (!p->told)
            forget(p);
    }
}

void room_tell_here(struct room *r)
{
    struct bytes b = {0};
    struct list changes;
    size_t n = take_changes(r, &changes);
    if (list_empty(&changes))
        return;
    size_t mark = session_begin(&b, "here");
    session_add_text(&b, "room", r->name);
    session_add_number(&b, "count", r->people_count - count_gone(&changes));
    if (n <= TELL_NAMES)
        write_changes(&b, &changes);
    session_end(&b, mark);
    settle(&changes);
    if (n > 0)
        room_signal(r, NULL, &b);
    bytes_finish(&b);
}

/* --- typing --------------------------------------------------------------------------------- */

bool room_tell_typing(struct room *r, const char *from, const struct identity *except)
{
    if (!rate_take(&r->typing, TYPING_FRAME_US, TYPING_BURST, r->member_count, r->chat->now_ms,
                   NULL))
        return false;
    struct bytes frame = {0};
    size_t mark = session_begin(&frame, "typing");
    session_add_text(&frame, "room", r->name);
    session_add_text(&frame, "from", from);
    session_end(&frame, mark);
    room_signal(r, except, &frame);
    bytes_finish(&frame);
    return true;
}

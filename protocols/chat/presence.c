/* presence.c - who is here: people come and go, and are told of in one signal for many.
 *
 * A change waits for room_tell_here(), some tenths of a second later, and longer in a crowd, so
 * that a thousand people who come at once cost a few signals and not a million. Who left and came
 * back meanwhile never left. */
#include "identity.h"
#include "room.h"
#include "session.h"

#include <stdlib.h>

#define TELL_AFTER_MS 250
#define STAY_MS       3000
#define TELL_NAMES    100 /* more changes than this are only counted */

static struct person *find(const struct room *r, const struct identity *i)
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

struct person *person_enter(struct room *r, struct identity *i)
{
    struct person *p = find(r, i);
    if (p == NULL) {
        p = calloc(1, sizeof *p);
        if (p == NULL)
            return NULL;
        p->room = r;
        p->identity = identity_ref(i);
        list_add(&i->people, &p->of_identity);
        list_init(&p->in_changed);
        list_add(&r->people, &p->in_room);
        r->people_count++;
    }
    if (p->sessions++ == 0 && p->told)
        list_remove(&p->in_changed); /* she has been here all the time */
    if (!p->told)
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

/* Whether she is gone for good. */
static bool is_gone(const struct person *p)
{
    return p->sessions == 0 && p->left_ms + STAY_MS <= p->room->chat->now_ms;
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
        if (p->sessions == 0)
            continue;
        if (!first)
            bytes_add(b, ",", 1);
        identity_write(b, p->identity);
        first = false;
    }
}

static void write_left(struct bytes *b, const struct list *changes)
{
    bool first = true;
    list_each(l, next, changes)
    {
        const struct person *p = list_entry(l, struct person, in_changed);
        if (p->sessions > 0 || !p->told)
            continue;
        if (!first)
            bytes_add(b, ",", 1);
        bytes_add_json(b, p->identity->nick);
        first = false;
    }
}

/* Takes out of the room's changes those that can be told now; returns their number. */
static size_t take_changes(struct room *r, struct list *now)
{
    size_t n = 0;
    list_init(now);
    r->tell_here_ms = 0;
    list_each(l, next, &r->changed)
    {
        struct person *p = list_entry(l, struct person, in_changed);
        if (p->sessions == 0 && !is_gone(p)) {
            r->tell_here_ms = r->chat->now_ms + STAY_MS / 4;
            continue;
        }
        list_remove(l);
        list_add(now, l);
        n++;
    }
    return n;
}

static size_t count_gone(const struct list *changes)
{
    size_t n = 0;
    list_each(l, next, changes) n += list_entry(l, struct person, in_changed)->sessions == 0;
    return n;
}

static void settle(struct list *changes)
{
    list_each(l, next, changes)
    {
        struct person *p = list_entry(l, struct person, in_changed);
        list_remove(l);
        p->told = p->sessions > 0;
        if (!p->told)
            forget(p);
    }
}

void room_tell_here(struct room *r)
{
    struct bytes b = {0};
    struct list changes;
    size_t n = take_changes(r, &changes);
    if (n == 0)
        return;
    size_t mark = session_begin(&b, "here");
    session_add_text(&b, "room", r->name);
    session_add_number(&b, "count", r->people_count - count_gone(&changes));
    if (n <= TELL_NAMES) {
        bytes_add_text(&b, ",\"came\":[");
        write_came(&b, &changes);
        bytes_add_text(&b, "],\"left\":[");
        write_left(&b, &changes);
        bytes_add_text(&b, "]");
    }
    session_end(&b, mark);
    settle(&changes);
    room_signal(r, NULL, &b);
    bytes_finish(&b);
}

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
#define TELL_NAMES    100 /* more changes than this are only counted */

static struct person *find(struct room *r, const struct identity *i)
{
    if (i->people == 0)
        return NULL;
    /* An identity has few sessions: its own memberships are the short way to the person. */
    list_each(l, next, &i->sessions)
    {
        struct member *m = room_member(r, list_entry(l, struct session, in_identity));
        if (m != NULL)
            return m->person;
    }
    /* Or she has left a moment ago. */
    list_each(l2, next2, &r->changed)
    {
        struct person *p = list_entry(l2, struct person, in_changed);
        if (p->identity == i)
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
        i->people++;
        list_init(&p->in_changed);
        list_add(&r->people, &p->in_room);
    }
    if (p->sessions++ == 0) {
        r->people_count++;
        person_changed(p);
    }
    return p;
}

void person_leave(struct person *p)
{
    if (--p->sessions > 0)
        return;
    p->room->people_count--;
    person_changed(p);
}

static void forget(struct person *p)
{
    list_remove(&p->in_room);
    list_remove(&p->in_changed);
    p->identity->people--;
    identity_unref(&p->identity);
    free(p);
}

void room_forget_people(struct room *r)
{
    list_each(l, next, &r->people) forget(list_entry(l, struct person, in_room));
}

/* Appends who came, or who left, as the elements of a JSON array. */
static size_t write_names(struct bytes *b, struct room *r, bool came)
{
    size_t n = 0;
    list_each(l, next, &r->changed)
    {
        const struct person *p = list_entry(l, struct person, in_changed);
        if ((p->sessions > 0) != came || (!came && !p->told))
            continue;
        if (n++ > 0)
            bytes_add(b, ",", 1);
        if (came)
            identity_write(b, p->identity);
        else
            bytes_add_json(b, p->identity->nick);
    }
    return n;
}

static void settle(struct room *r)
{
    list_each(l, next, &r->changed)
    {
        struct person *p = list_entry(l, struct person, in_changed);
        list_remove(&p->in_changed);
        p->told = p->sessions > 0;
        if (!p->told)
            forget(p);
    }
    r->tell_here_ms = 0;
}

static size_t count_changes(const struct room *r)
{
    size_t n = 0;
    list_each(l, next, &r->changed) n++;
    return n;
}

void room_tell_here(struct room *r)
{
    struct bytes b = {0};
    size_t mark = session_begin(&b, "here");
    bool names = count_changes(r) <= TELL_NAMES;
    size_t told = 1;

    session_add_text(&b, "room", r->name);
    session_add_number(&b, "count", r->people_count);
    if (names) {
        bytes_add_text(&b, ",\"came\":[");
        told = write_names(&b, r, true);
        bytes_add_text(&b, "],\"left\":[");
        told += write_names(&b, r, false);
        bytes_add_text(&b, "]");
    }
    session_end(&b, mark);
    if (told > 0)
        room_signal(r, NULL, &b);
    bytes_finish(&b);
    settle(r);
}

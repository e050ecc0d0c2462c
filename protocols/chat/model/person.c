/* person.c - see person.h. */
#include "person.h"

#include "identity.h"

#include <stdlib.h>

#define TELL_AFTER_MS 250

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
    people_tell_after(r, TELL_AFTER_MS + r->member_count / 2);
}

void people_tell_after(struct room *r, uint64_t ms)
{
    if (!list_empty(&r->in_telling))
        return;
    list_add(&r->chat->telling, &r->in_telling);
    r->tell_here_ms = r->chat->now_ms + ms;
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
    if (!p->announced || !p->announced_to_nodes)
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

void people_set_away(struct identity *i, bool on, uint64_t at_ms)
{
    i->away = on;
    i->away_at_ms = at_ms;
    list_each(l, next, &i->people) person_changed(list_entry(l, struct person, of_identity));
}

bool person_is_here(const struct person *p)
{
    return p->sessions > 0 || !list_empty(&p->elsewhere);
}

void person_forget(struct person *p)
{
    p->room->people_count--;
    list_remove(&p->in_room);
    list_remove(&p->in_changed);
    list_remove(&p->of_identity);
    identity_unref(&p->identity);
    free(p);
}

void people_forget(struct room *r)
{
    list_each(l, next, &r->people) person_forget(list_entry(l, struct person, in_room));
}

/* presence.c - see presence.h. */
#include "presence.h"

#include "here.h"
#include "identity.h"
#include "person.h"

#include <stdlib.h>

#define SWEEP_A_TICK 500 /* presences, of a person in some rooms each: about a millisecond */

struct presence *presence_find(const struct presences *node, const struct person *p)
{
    list_each(l, next, &p->elsewhere)
    {
        struct presence *e = list_entry(l, struct presence, of_person);
        if (e->node == node)
            return e;
    }
    return NULL;
}

struct presence *presence_create(struct presences *node, struct person *p)
{
    struct presence *e = node->count < PRESENCES_MAX ? calloc(1, sizeof *e) : NULL;
    person_changed(p); /* the next `here` signal frees a person that has nothing else */
    if (e == NULL)
        return NULL;
    e->node = node;
    e->person = p;
    list_add(&node->all, &e->of_node);
    list_add(&p->elsewhere, &e->of_person);
    node->count++;
    return e;
}

void presence_end(struct presence *e, bool at_once)
{
    if (!at_once)
        e->person->left_ms = e->person->room->chat->now_ms;
    list_remove(&e->of_node);
    list_remove(&e->of_person);
    e->node->count--;
    person_changed(e->person);
    presences_apply_away(e->person->identity);
    free(e);
}

void presence_named(struct presence *e)
{
    e->sweep = e->node->sweep;
    list_remove(&e->of_node);
    list_add(&e->node->all, &e->of_node);
}

bool presences_sweep(struct presences *node)
{
    for (int n = 0; n < SWEEP_A_TICK; n++) {
        struct presence *e = list_entry(node->all.next, struct presence, of_node);
        if (list_empty(&node->all) || e->sweep == node->sweep)
            return false;
        presence_end(e, node->at_once);
    }
    return true;
}

void presences_disown(struct identity *identity)
{
    struct identity *i = identity_ref(identity);
    list_each(l, next, &i->people)
    {
        struct person *p = list_entry(l, struct person, of_identity);
        struct room *r = p->room;
        list_each(l2, next2, &p->elsewhere)
            presence_end(list_entry(l2, struct presence, of_person), true);
        p->left_ms = 0;
        here_tell(r);
    }
    identity_unref(&i);
}

void presences_set_away(const struct presences *node, struct identity *i, bool on, uint64_t at_ms)
{
    list_each(l, next, &i->people)
    {
        struct presence *e = presence_find(node, list_entry(l, struct person, of_identity));
        if (e != NULL) {
            e->away = on;
            e->away_at_ms = at_ms;
        }
    }
}

void presences_apply_away(struct identity *i)
{
    const struct presence *latest = NULL;
    if (!list_empty(&i->sessions))
        return;
    list_each(l, next, &i->people)
    {
        struct person *p = list_entry(l, struct person, of_identity);
        list_each(l2, next2, &p->elsewhere)
        {
            const struct presence *e = list_entry(l2, struct presence, of_person);
            if (latest == NULL || e->away_at_ms > latest->away_at_ms ||
                (e->away_at_ms == latest->away_at_ms && e->away))
                latest = e;
        }
    }
    if (latest != NULL && (latest->away != i->away || latest->away_at_ms != i->away_at_ms))
        people_set_away(i, latest->away, latest->away_at_ms);
}

/* nodes.c - the other nodes, and who each of them says is there: see peers.h. */
#include "peers.h"

#include "chat/model/identity.h"
#include "chat/model/room.h"

#include <stdlib.h>
#include <string.h>

/* --- presences ------------------------------------------------------------------------------ */

struct presence *presence_find(const struct node *n, const struct person *p)
{
    list_each(l, next, &p->elsewhere)
    {
        struct presence *e = list_entry(l, struct presence, of_person);
        if (e->node == n)
            return e;
    }
    return NULL;
}

struct presence *presence_create(struct node *n, struct person *p)
{
    struct presence *e = n->presence_count < NODE_PEOPLE_MAX ? calloc(1, sizeof *e) : NULL;
    person_changed(p); /* if nothing keeps her she is forgotten by this */
    if (e == NULL)
        return NULL;
    e->node = n;
    e->person = p;
    list_add(&n->presences, &e->of_node);
    list_add(&p->elsewhere, &e->of_person);
    n->presence_count++;
    return e;
}

void presence_end(struct presence *e, bool at_once)
{
    if (!at_once)
        e->person->left_ms = e->person->room->chat->now_ms;
    list_remove(&e->of_node);
    list_remove(&e->of_person);
    e->node->presence_count--;
    person_changed(e->person);
    people_switch(e->person->identity);
    free(e);
}

void peers_disown(struct identity *identity)
{
    struct identity *i = identity_ref(identity);
    list_each(l, next, &i->people)
    {
        struct person *p = list_entry(l, struct person, of_identity);
        struct room *r = p->room;
        list_each(l2, next2, &p->elsewhere)
            presence_end(list_entry(l2, struct presence, of_person), true);
        p->left_ms = 0;
        room_tell_here(r);
    }
    identity_unref(&i);
}

void presences_switch(const struct node *n, struct identity *i, bool on, uint64_t at_ms)
{
    list_each(l, next, &i->people)
    {
        struct presence *e = presence_find(n, list_entry(l, struct person, of_identity));
        if (e != NULL) {
            e->away = on;
            e->away_at_ms = at_ms;
        }
    }
}

void people_switch(struct identity *i)
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
        people_away(i, latest->away, latest->away_at_ms);
}

/* --- nodes ---------------------------------------------------------------------------------- */

static void people_gone(struct node *n, bool at_once)
{
    list_each(l, next, &n->presences)
        presence_end(list_entry(l, struct presence, of_node), at_once);
}

void node_destroy(struct node **node)
{
    struct node *n = *node;
    people_gone(n, true);
    list_remove(&n->in_peers);
    free(n);
    *node = NULL;
}

void node_missed(struct node *n)
{
    n->state = NODE_PARTIAL;
    n->part = 0;
    n->lacks_room = false;
}

void node_silent(struct node *n, bool at_once)
{
    people_gone(n, at_once);
    n->state = NODE_SILENT;
    n->lacks_room = false;
}

/* A node that runs again is not what it was before. Should the former run still speak, then they
 * are two of one name. */
static void replace(struct chat *chat, const char *name)
{
    list_each(l, next, &chat->peers->nodes)
    {
        struct node *n = list_entry(l, struct node, in_peers);
        if (strcmp(n->name, name) == 0)
            node_silent(n, true);
    }
}

static struct node *node_create(struct chat *chat, const char *name, const char *boot)
{
    struct node *n = NULL;
    size_t count = 0;
    list_each(l, next, &chat->peers->nodes) count++;
    if (count < NODES_MAX)
        n = calloc(1, sizeof *n);
    if (n == NULL)
        return NULL;
    replace(chat, name);
    strncpy(n->name, name, sizeof n->name - 1);
    strncpy(n->boot, boot, sizeof n->boot - 1);
    list_init(&n->presences);
    list_add(&chat->peers->nodes, &n->in_peers);
    return n;
}

static struct node *node_find(struct chat *chat, const char *boot)
{
    list_each(l, next, &chat->peers->nodes)
    {
        struct node *n = list_entry(l, struct node, in_peers);
        if (strcmp(n->boot, boot) == 0)
            return n;
    }
    return NULL;
}

struct node *node_speaks(struct chat *chat, const char *name, const char *boot)
{
    struct node *n = node_find(chat, boot);
    if (n == NULL)
        n = node_create(chat, name, boot);
    if (n == NULL)
        return NULL;
    if (n->state == NODE_SILENT)
        node_missed(n);
    n->heard_ms = chat->now_ms;
    return n;
}

bool node_counts(struct node *n, uint64_t told, bool is_delta)
{
    if (is_delta && told <= n->told)
        return false;
    if (told != n->told + is_delta)
        node_missed(n);
    n->told = told;
    return true;
}

void node_sweep(struct node *n)
{
    list_each(l, next, &n->presences)
    {
        struct presence *e = list_entry(l, struct presence, of_node);
        if (e->sweep != n->sweep)
            presence_end(e, true);
    }
}

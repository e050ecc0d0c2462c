/* nodes.c - see nodes.h. */
#include "nodes.h"

#include "private.h"
#include "tell.h"

#include <stdlib.h>
#include <string.h>

#define DEAD_MS 12000 /* four beats without a message: the node and its people are gone */

/* It has no presences. */
static void destroy(struct node *n)
{
    list_remove(&n->in_cluster);
    free(n);
}

void node_missed(struct node *n)
{
    n->state = NODE_PARTIAL;
    n->part = 0;
    n->lacks_room = false;
}

void node_silent(struct node *n, bool at_once)
{
    n->presences.sweep++;
    n->presences.at_once = at_once;
    presences_sweep(&n->presences);
    n->state = NODE_SILENT;
    n->lacks_room = false;
}

void node_whole(struct node *n)
{
    n->presences.at_once = true;
    presences_sweep(&n->presences);
    n->part = 0;
    n->state = NODE_WHOLE;
}

/* A new run of a node replaces the former. If the former still speaks, two nodes have one name. */
static void replace(struct chat *chat, const char *name)
{
    list_each(l, next, &chat->cluster->nodes)
    {
        struct node *n = list_entry(l, struct node, in_cluster);
        if (strcmp(n->name, name) == 0)
            node_silent(n, true);
    }
}

static struct node *create(struct chat *chat, const char *name, const char *boot)
{
    struct node *n = NULL;
    size_t count = 0;
    list_each(l, next, &chat->cluster->nodes) count++;
    if (count < NODES_MAX)
        n = calloc(1, sizeof *n);
    if (n == NULL)
        return NULL;
    replace(chat, name);
    strncpy(n->name, name, sizeof n->name - 1);
    strncpy(n->boot, boot, sizeof n->boot - 1);
    list_init(&n->presences.all);
    list_add(&chat->cluster->nodes, &n->in_cluster);
    return n;
}

static struct node *find(struct chat *chat, const char *boot)
{
    list_each(l, next, &chat->cluster->nodes)
    {
        struct node *n = list_entry(l, struct node, in_cluster);
        if (strcmp(n->boot, boot) == 0)
            return n;
    }
    return NULL;
}

struct node *node_speaks(struct chat *chat, const char *name, const char *boot)
{
    struct node *n = find(chat, boot);
    if (n == NULL)
        n = create(chat, name, boot);
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

/* Ends what the node no longer reports, and the node when it is dead. True: more is left. */
static bool sweep(struct chat *chat, struct node *n)
{
    bool dead = n->heard_ms + DEAD_MS <= chat->now_ms;
    if (dead && n->state != NODE_SILENT)
        node_silent(n, true);
    bool more = n->state != NODE_PARTIAL && presences_sweep(&n->presences);
    if (dead && !more)
        destroy(n);
    return more;
}

bool nodes_tick(struct chat *chat)
{
    bool more = false;
    bool new_room = chat->room_count > chat->cluster->rooms_seen;
    chat->cluster->rooms_seen = chat->room_count;
    list_each(l, next, &chat->cluster->nodes)
    {
        struct node *n = list_entry(l, struct node, in_cluster);
        if (new_room && n->lacks_room)
            node_missed(n);
        tell_ask(chat, n);
        more |= sweep(chat, n);
    }
    return more;
}

size_t nodes_alive(const struct chat *chat)
{
    size_t alive = 0;
    if (chat->cluster != NULL)
        list_each(l, next, &chat->cluster->nodes) alive +=
            list_entry(l, struct node, in_cluster)->state != NODE_SILENT;
    return alive;
}

void nodes_destroy(struct chat *chat)
{
    list_each(l, next, &chat->cluster->nodes)
    {
        struct node *n = list_entry(l, struct node, in_cluster);
        for (node_silent(n, true); presences_sweep(&n->presences);)
            ;
        destroy(n);
    }
}

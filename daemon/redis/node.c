/* node.c - see node.h. */
#include "node.h"

#include "call.h"
#include "private.h"

#include <stdlib.h>
#include <string.h>

#define NODES_MAX 64
#define NODE_MS   10000 /* a node not heard for so long is gone; the core speaks every 3 s */
_Static_assert(7 + NODES_MAX <= CALL_ARGS_MAX, "the script \"seal\" gets their ids");

void node_heard(struct journal *j, const char *id)
{
    size_t count = 0;
    list_each(i, next, &j->nodes)
    {
        struct node *n = list_entry(i, struct node, in_journal);
        count++;
        if (strcmp(n->id, id) == 0) {
            n->heard_ms = uv_now(j->loop);
            return;
        }
    }
    struct node *n = count >= NODES_MAX ? NULL : calloc(1, sizeof *n);
    if (n == NULL)
        return;
    strcpy(n->id, id);
    n->heard_ms = uv_now(j->loop);
    list_add(&j->nodes, &n->in_journal);
}

void node_forget(struct journal *j, bool all)
{
    list_each(i, next, &j->nodes)
    {
        struct node *n = list_entry(i, struct node, in_journal);
        if (!all && n->heard_ms + NODE_MS > uv_now(j->loop))
            continue;
        list_remove(&n->in_journal);
        free(n);
    }
}

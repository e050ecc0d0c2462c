/* cluster.c - see cluster.h. */
#include "cluster.h"

#include "nodes.h"
#include "private.h"
#include "tell.h"

#include <sodium.h>
#include <stdlib.h>

bool cluster_create(struct chat *chat)
{
    unsigned char random[BOOT_TEXT_BYTES / 2];
    if (chat->config->bus_ops == NULL)
        return true;
    struct cluster *c = calloc(1, sizeof *c);
    if (c == NULL)
        return false;
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(c->boot, sizeof c->boot, random, sizeof random);
    list_init(&c->nodes);
    chat->cluster = c;
    chat->tell_nodes = tell_person;
    return true;
}

void cluster_destroy(struct chat *chat)
{
    if (chat->cluster == NULL)
        return;
    nodes_destroy(chat);
    bytes_finish(&chat->cluster->changes.text);
    free(chat->cluster);
    chat->cluster = NULL;
}

bool cluster_tick(struct chat *chat)
{
    if (chat->cluster == NULL)
        return false;
    tell_tick(chat);
    return nodes_tick(chat);
}

/* cluster.h - this node among the others: begins, ticks, ends. */
#ifndef CHAT_CLUSTER_H
#define CHAT_CLUSTER_H

#include <stdbool.h>

struct chat;

/* False: no memory. A node without a bus stays alone. */
bool cluster_create(struct chat *chat);
void cluster_destroy(struct chat *chat);
void cluster_tick(struct chat *chat);

#endif

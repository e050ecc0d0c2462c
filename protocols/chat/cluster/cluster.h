/* cluster.h - this node among the others: it begins, ticks and ends. Loop thread only. */
#ifndef CHAT_CLUSTER_H
#define CHAT_CLUSTER_H

#include <stdbool.h>

struct chat;

/* Without a bus this node stays alone: every function here then does nothing. False: no memory. */
bool cluster_create(struct chat *chat);
void cluster_destroy(struct chat *chat);
/* Tells changes and looks at the other nodes. Call some times a second, after here_tick(). True:
 * work is left. */
bool cluster_tick(struct chat *chat);

#endif

/* node.h - the other daemons of this chat that were heard on the bus. */
#ifndef REDIS_NODE_H
#define REDIS_NODE_H

#include <stdbool.h>

struct journal;

void node_heard(struct journal *j, const char *id);
/* Forgets nodes that were not heard for long, or all. */
void node_forget(struct journal *j, bool all);

#endif

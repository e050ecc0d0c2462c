/* bus.h - messages between the nodes: "ID text" on a channel that all of them hear. */
#ifndef REDIS_BUS_H
#define REDIS_BUS_H

#include <stddef.h>

struct journal;

/* To every other node, while Redis is there. */
void bus_tell(struct journal *j, const char *text, size_t n);
/* A message of the channel. */
void bus_hear(struct journal *j, const char *text, size_t n);

#endif

/* world_log.h - the log of a world in memory: events in order, and what later events made of them.
 * Polls are counted again at each vote. */
#ifndef WORLD_LOG_H
#define WORLD_LOG_H

#include "world.h"

struct stored {
    struct event e;
    char *room, *key, *body, *patch;
    json_t *raw; /* the body as it was submitted */
    uint64_t hash;
};

/* NULL: there is no such event. */
struct stored *log_find(const struct world *w, const char *room, uint64_t seq);
/* The event of this author with this key; NULL: none. */
struct stored *log_find_key(const struct world *w, uint64_t author, const char *key);
bool log_poll_is_closed(const struct world *w, const char *room, uint64_t poll);
/* Numbers the event and adds it. */
struct stored *log_add(struct world *w, const struct event *e);
void log_destroy(struct world *w);

#endif

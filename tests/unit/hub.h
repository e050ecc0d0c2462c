/* hub.h - several worlds with one log and a bus between them that can lose, repeat and be cut. */
#ifndef HUB_H
#define HUB_H

#include "world.h"

#define HUB_NODES 3

struct bus {
    struct hub *hub;
    size_t node;
};

struct hub {
    struct world *worlds[HUB_NODES];
    struct bus buses[HUB_NODES];
    bool cut[HUB_NODES];  /* neither says nor hears anything */
    bool lags[HUB_NODES]; /* does not see what is new in the log */
    bool twice;           /* everything arrives a second time */
    const char *lose;     /* a kind: it is lost, the first `lose_n` times */
    unsigned lose_n;
    unsigned lose_percent;
    unsigned strangers;
    unsigned told;     /* messages */
    size_t told_bytes; /* of the largest */
    struct letter *first, **last;
};

/* All nodes up, and known to each other. */
struct hub *hub_create(void);
void hub_destroy(struct hub **h);
/* The node dies, with all that it knew but its log, and runs anew; its clients must be gone. */
void hub_restart(struct hub *h, size_t node);
void hub_settle(struct hub *h);
void hub_pass(struct hub *h, uint64_t ms);

/* Says hello on a node. `token` (of at least 64 bytes, or NULL) is used, if it is not empty, and
 * else written. The welcome is next. */
struct client *hub_hello(struct hub *h, size_t node, const char *nick, char *token);
/* The same, then in the lobby, with nothing left to look at. */
struct client *hub_enter(struct hub *h, size_t node, const char *nick, char *token);
/* One node hears these members from a new stranger, written with ' for ". */
void hub_say(struct hub *h, size_t node, const char *members);
/* Says it, with an answer if it has an id, and waits. */
void hub_send(struct hub *h, struct client *c, const char *text);

/* The nicks in the client's lobby, sorted, with a blank between and a ~ behind who is away. It
 * stays until the next call. */
const char *hub_here(struct hub *h, struct client *c);

#endif

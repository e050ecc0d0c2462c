/* hub.h - several worlds with one log, and a bus between them that can lose and repeat messages, or
 * be cut. */
#ifndef HUB_H
#define HUB_H

#include "client.h"

#define HUB_NODES 3

struct bus {
    struct hub *hub;
    size_t node;
};

struct hub {
    struct world *worlds[HUB_NODES];
    struct bus buses[HUB_NODES];
    bool cut[HUB_NODES];  /* the node neither sends nor gets messages */
    bool lags[HUB_NODES]; /* the node gets no new events of the log */
    bool twice;           /* every message arrives twice */
    const char *lose;     /* the bus loses the next `lose_n` messages of this kind */
    unsigned lose_n;
    unsigned lose_percent;
    unsigned strangers; /* hub_say() calls so far */
    unsigned sent;      /* messages */
    size_t sent_bytes;  /* of the largest message */
    struct letter *first, **last;
};

/* All nodes are up and know each other. */
struct hub *hub_create(void);
void hub_destroy(struct hub **h);
/* For cases whose state is a hub; what its bus loses is the same in each run. */
int hub_begin(void **state);
int hub_finish(void **state);
/* Ends the node, which loses all but the log, and starts it again. Its clients must be gone. */
void hub_restart(struct hub *h, size_t node);
/* Settles all worlds and delivers messages, until nothing is under way. */
void hub_settle(struct hub *h);
/* Lets the time pass in steps of 250 ms, and settles after each. */
void hub_pass(struct hub *h, uint64_t ms);

/* A new client that has said hello on a node. `token` (64 bytes, or NULL): sent if it is not empty,
 * else set to the client's. The welcome is the next frame. */
struct client *hub_hello(struct hub *h, size_t node, const char *nick, char *token);
/* The same, and then joins the lobby; no frame is left to look at. */
struct client *hub_enter(struct hub *h, size_t node, const char *nick, char *token);
/* One node gets a message with these members (' stands for ") from a new stranger. */
void hub_say(struct hub *h, size_t node, const char *members);
/* Sends a command and settles. */
void hub_send(struct hub *h, struct client *c, const char *text);

/* The nicks in the lobby as the client's node has them, sorted, separated by blanks, with a ~ after
 * those who are away. Valid until the next call. */
const char *hub_here(struct hub *h, struct client *c);

#endif

/* peers.h - the other nodes: what they are told and what they say. For this folder only.
 *
 * Every message has `kind`, `node` (a name), `boot` (this run of it) and `n`, the deltas that this
 * run has told so far; a delta counts itself. Whoever misses one asks for everything.
 *
 *   beat    every 3 s
 *   up      it can hear (again): it will say who is there, and so shall all others
 *   ask     `to`: the boot that shall say who is there
 *   all     `round`, `part` (from 0), `last`, `people`: who is there, in parts
 *   people  a delta. `people`: [{room, nick, identity, here, and if so: token, away, at}]
 *   away    a delta. `nick`, `identity`, `on`, `at`: the switch, as this node has it
 *   mark    `nick`, `identity`, `room`, `read`, `joined`: her marker changed
 *   typing  `room`, `nick`, `identity`
 *   bye     it stops
 *
 * Each node tells only of people who have sessions of its own. */
#ifndef CHAT_PEERS_H
#define CHAT_PEERS_H

#include "chat/model/model.h"

#define NODE_NAME_MAX   255
#define BOOT_TEXT_BYTES 16
#define NODES_MAX       64
#define NODE_PEOPLE_MAX 100000 /* of one node, once for each room */
#define ASK_AGAIN_MS    3000

/* People on their way out, some hundreds in one message. */
struct pile {
    struct bytes text;
    unsigned count;
};

struct peers {
    char boot[BOOT_TEXT_BYTES + 1];
    uint64_t told; /* deltas */
    uint64_t beat_ms;
    bool over; /* it has said bye */
    struct pile changes;
    /* who is here, being told in parts */
    bool asked;
    uint64_t round;
    unsigned part;
    struct list *at;   /* the next room.in_chat; NULL: nothing is being told */
    struct list nodes; /* node.in_peers */
};

/* SILENT <--bye, or another run of its name-- (any message) --> PARTIAL --last part--> WHOLE
 * WHOLE --a delta was missed--> PARTIAL; none is heard of for 12 s --> forgotten */
enum node_state { NODE_SILENT, NODE_PARTIAL, NODE_WHOLE };

struct node {
    struct list in_peers;
    char name[NODE_NAME_MAX + 1];
    char boot[BOOT_TEXT_BYTES + 1];
    enum node_state state;
    uint64_t heard_ms;
    uint64_t told;         /* deltas, as far as we know */
    uint64_t ask_ms;       /* not before this, again */
    bool lacks_room;       /* it named a room that is not here yet */
    uint64_t round;        /* of the parts that are coming in, */
    unsigned part;         /* the next of them, */
    uint64_t sweep;        /* and their mark on who was named */
    struct list presences; /* presence.of_node */
    size_t presence_count;
};

/* A node says that somebody is there. */
struct presence {
    struct node *node;
    struct person *person;
    struct list of_node, of_person;
    bool away; /* as that node has it */
    uint64_t away_at_ms;
    uint64_t sweep;
};

/* Everything here does nothing if this node is alone. */

bool peers_create(struct chat *chat); /* false: no memory */
void peers_destroy(struct chat *chat);
void peers_tick(struct chat *chat); /* after the rooms have told their changes */
size_t peers_alive(const struct chat *chat);

void peers_person(struct person *p, bool here); /* told by the next tick */
void peers_away(struct identity *i);
void peers_mark(struct identity *i, const struct room *r);
void peers_typing(const struct room *r, const struct identity *i);
void peers_bye(struct chat *chat);
/* Now it is here. */
void peers_new_room(struct chat *chat);

/* The log has given her nick away: whatever nodes say, she is not here, now. She has no sessions.
 */
void peers_disown(struct identity *i);

/* peers.c, for heard.c: asks, if its people are not all known and it is time. */
void peers_ask(struct chat *chat, struct node *n);

/* nodes.c */
/* Who says this: alive from now on. NULL: there are too many. */
struct node *node_speaks(struct chat *chat, const char *name, const char *boot);
/* Compares the count of a message. False: it is a delta that was heard before. */
bool node_counts(struct node *n, uint64_t told, bool is_delta);
/* Its people are not all known any more: it will be asked. */
void node_missed(struct node *n);
/* Its people go, if not `at_once` then after a while in which they may be on another node. */
void node_silent(struct node *n, bool at_once);
void node_sweep(struct node *n); /* whom its last round did not name goes */
void node_destroy(struct node **n);

struct presence *presence_find(const struct node *n, const struct person *p);
/* NULL: no memory, or it has too many; then whoever is nowhere else goes again. */
struct presence *presence_create(struct node *n, struct person *p);
void presence_end(struct presence *e, bool at_once);
void presences_switch(const struct node *n, struct identity *i, bool on, uint64_t at_ms);
/* Without sessions here she is away if she is by the latest switch that a node has of her. */
void people_switch(struct identity *i);

#endif

/* private.h - what the files of this folder share: the other nodes, and the messages between nodes.
 *
 * Every message has `kind`, `node` (a name), `boot` (this run of that node) and `n`, the deltas
 * that the run has told so far; a delta counts itself. A node that misses a delta asks for
 * everything.
 *
 *   beat    every 3 s
 *   up      the sender can hear (again): it will say who is there, and so shall every other node
 *   ask     `to`: the boot that shall say who is there
 *   all     `round`, `part` (from 0), `last`, `people`: everybody with a session there, in parts
 *   people  a delta. `people`: [{room, nick, identity, here, and if so: token, away, at}]
 *   away    a delta. `nick`, `identity`, `on`, `at`: the switch, as the sender has it
 *   mark    `nick`, `identity`, `room`, `read`, `joined`: a person's marker has changed
 *   typing  `room`, `nick`, `identity`
 *   bye     the sender stops
 *
 * Each node tells only of people who have sessions of its own. */
#ifndef CLUSTER_PRIVATE_H
#define CLUSTER_PRIVATE_H

#include "chat/model/model.h"
#include "chat/model/presence.h"

#define NODE_NAME_MAX   255
#define BOOT_TEXT_BYTES 16
#define NODES_MAX       64
#define ASK_AGAIN_MS    3000

/* People for one message. */
struct pile {
    struct bytes text; /* a JSON array without its end */
    unsigned count;
};

struct cluster {
    char boot[BOOT_TEXT_BYTES + 1];
    uint64_t told; /* deltas */
    uint64_t beat_ms;
    bool over; /* it has said bye */
    struct pile changes;
    /* everybody here, being told in parts */
    bool asked;
    uint64_t round;
    unsigned part;
    struct list *at; /* the next room.in_chat; NULL: no round is under way */
    /* the other nodes */
    struct list nodes; /* node.in_cluster */
    size_t rooms_seen; /* rooms of the chat, when nodes were last asked about lacking ones */
};

/* SILENT <--bye, or another run of its name-- (any message) --> PARTIAL --last part--> WHOLE
 * WHOLE --a delta was missed--> PARTIAL; no message for 12 s --> destroyed */
enum node_state { NODE_SILENT, NODE_PARTIAL, NODE_WHOLE };

struct node {
    struct list in_cluster;
    char name[NODE_NAME_MAX + 1];
    char boot[BOOT_TEXT_BYTES + 1];
    enum node_state state; /* changed by nodes.c */
    uint64_t heard_ms;
    uint64_t told;   /* deltas, as far as we know */
    uint64_t ask_ms; /* not asked again before this */
    bool lacks_room; /* it named a room that is not here yet */
    uint64_t round;  /* of the parts that are coming in, */
    unsigned part;   /* and the next of them; 0: none */
    struct presences presences;
};

#endif

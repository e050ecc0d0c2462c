/* private.h - what the files of this folder share: the other nodes, and the messages between nodes.
 *
 * Every message has `kind`, `node` (a name), `boot` (one run of that node) and `n`, the number of
 * deltas that the run has sent so far (a delta counts itself). A node that misses a delta asks for
 * a round: the messages that name everybody with a session on the sender.
 *
 *   beat    every 3 s
 *   up      the sender's bus works (again): it sends a round, and so does every other node
 *   ask     `to`: the boot that must send a round
 *   all     a part of a round: `round`, `part` (from 0), `last`, `people`
 *   people  a delta. `people`: [{room, nick, identity, here, and if here: token, away, at}].
 *           `token` is for older versions. This one ignores it: the log says whose a nick is
 *   away    a delta. `nick`, `identity`, `on`, `at`: the latest switch that the sender knows
 *   mark    `nick`, `identity`, `room`, `read`, `joined`: a person's marker has changed
 *   typing  `room`, `nick`, `identity`
 *   want    `photo`: the sender lacks a photo's file
 *   give    `photo`, `first`, `end`: these pieces of it are in Redis, until every node that wants
 *           it has taken them, or for some seconds
 *   taken   `photo`, `end`: the sender needs the pieces before `end` no more
 *   bye     the sender stops, and sends nothing more
 *
 * Each node tells only of people who have sessions of its own. */
#ifndef CLUSTER_PRIVATE_H
#define CLUSTER_PRIVATE_H

#include "chat/model/model.h"
#include "chat/model/presence.h"

#define BOOT_TEXT_BYTES 16
#define NODES_MAX       64
#define ASK_AGAIN_MS    3000
#define PILE_PEOPLE     200 /* in one message: some tens of kilobytes, some milliseconds */

/* People for the next message. */
struct pile {
    struct bytes text; /* a JSON array without its end */
    unsigned count;
};

struct cluster {
    char boot[BOOT_TEXT_BYTES + 1];
    uint64_t told;    /* deltas sent */
    uint64_t beat_ms; /* when the next beat is due */
    bool over;        /* `bye` is sent */
    struct pile changes;
    /* the round that this node sends, some parts a tick */
    bool asked; /* another round is due */
    uint64_t round;
    unsigned part;   /* the next one */
    struct list *at; /* the next room.in_chat; NULL: no round is under way */
    /* the other nodes */
    struct list nodes; /* node.in_cluster */
    size_t rooms_seen; /* chat.room_count at the last tick */
};

/* SILENT <--bye, or another run of its name-- (any message) --> PARTIAL --last part--> WHOLE
 * WHOLE --a delta was missed, a lacking room came--> PARTIAL; no message for 12 s --> destroyed */
enum node_state { NODE_SILENT, NODE_PARTIAL, NODE_WHOLE };

struct node {
    struct list in_cluster;
    char name[NODE_NAME_MAX + 1];
    char boot[BOOT_TEXT_BYTES + 1];
    enum node_state state; /* changed by nodes.c */
    uint64_t heard_ms;
    uint64_t told;   /* the `n` of its last message */
    uint64_t ask_ms; /* no `ask` before this */
    bool lacks_room; /* it named a room that this node does not have yet */
    uint64_t round;  /* the round that is arriving */
    unsigned part;   /* the next part of it; 0: none is arriving */
    struct presences presences;
};

#endif

/* presence.h - people that other nodes report: one presence for each person in a room on a node.
 * Loop thread only. */
#ifndef CHAT_PRESENCE_H
#define CHAT_PRESENCE_H

#include "model.h"

#define PRESENCES_MAX 100000 /* of one node */

/* All presences of one node. */
struct presences {
    struct list all; /* presence.of_node: those that the last rounds did not name come first */
    size_t count;
    uint64_t sweep; /* the round that is arriving */
    bool at_once;   /* how presences_sweep() ends them */
};

struct presence {
    struct presences *node;
    struct person *person;
    struct list of_node, of_person;
    bool away; /* as that node reports */
    uint64_t away_at_ms;
    uint64_t sweep; /* the last round that named the person */
};

/* NULL: that node does not report the person. */
struct presence *presence_find(const struct presences *node, const struct person *p);
/* NULL: no memory, or over PRESENCES_MAX; the next `here` signal then frees a person that has
 * nothing else. */
struct presence *presence_create(struct presences *node, struct person *p);
/* `at_once`: without waiting for the person to return. */
void presence_end(struct presence *e, bool at_once);
/* The round that is arriving, or a delta, names it. */
void presence_named(struct presence *e);
/* Ends those that the last round did not name, some hundreds of them. True: more are left. */
bool presences_sweep(struct presences *node);
/* Ends all presences of an identity without sessions here, and sends `here` signals at once. */
void presences_disown(struct identity *identity);

/* Notes that the node has set the identity away or back. `at_ms`: wall clock. */
void presences_set_away(const struct presences *node, struct identity *i, bool on, uint64_t at_ms);
/* Sets an identity without sessions here as the node with the latest switch has it. */
void presences_apply_away(struct identity *i);

#endif

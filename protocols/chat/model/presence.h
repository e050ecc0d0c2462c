/* presence.h - another node says that a person is there. */
#ifndef CHAT_PRESENCE_H
#define CHAT_PRESENCE_H

#include "model.h"

#define PRESENCES_MAX 100000 /* of one node, one for each person in each room */

/* All that one node says. */
struct presences {
    struct list all; /* presence.of_node */
    size_t count;
    uint64_t sweep; /* the round of telling that is coming in */
};

struct presence {
    struct presences *node;
    struct person *person;
    struct list of_node, of_person;
    bool away; /* as that node has it */
    uint64_t away_at_ms;
    uint64_t sweep; /* the last round that named the person */
};

struct presence *presence_find(const struct presences *node, const struct person *p);
/* NULL: no memory, or the node has too many; a person without any other presence then goes. */
struct presence *presence_create(struct presences *node, struct person *p);
/* `at_once`: the person is not expected back. */
void presence_end(struct presence *e, bool at_once);
/* Ends all of a node, or those that the last round did not name. */
void presences_end(struct presences *node, bool at_once);
void presences_sweep(struct presences *node);
/* Ends all of an identity, and says so at once. It has no sessions here. */
void presences_disown(struct identity *identity);

/* The node switches the identity to away or back. */
void presences_set_away(const struct presences *node, struct identity *i, bool on, uint64_t at_ms);
/* An identity without sessions here is away if the latest switch of any node says so. */
void presences_apply_away(struct identity *i);

#endif

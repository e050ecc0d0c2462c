/* search.h - the index by which a search finds items, and what keeps it.
 *
 * The index is one more reader of the logs. It has, for each block of BLOCK_PLACES numbers of a
 * room and each gram (chat/base/gram.h), the list of the items with that gram (postings.h). A room
 * is indexed up to the greatest `upto` of its blocks. What follows, the tail, a search reads
 * itself; once there is enough of it, the loop has a unit of it indexed, a part of one block:
 *
 *   IDLE --enough--> OPENING --> READING --a unit--> WRITING --written--> OPENING
 *    ^------------ a fault, or nothing is left ----------'
 *
 * - OPENING, the writer begins to note which items change (search_changed).
 * - READING, a thread of its own reads the unit's items and sorts their grams.
 * - WRITING, the writer adds them in short transactions, in turn with others. Until the last one
 *   sets `upto`, no search looks at these rows. A unit that is not finished is read again.
 *
 * When the words of an item change or go, the same transaction takes the item out of its lists,
 * whether it is below `upto` or not. */
#ifndef STORE_SEARCH_H
#define STORE_SEARCH_H

#include "db.h"

#include "chat/base/bytes.h"

#include <stdatomic.h>
#include <uv.h>

#define SEARCH_TAIL 128 /* items; fewer are not worth a unit */

/* The part of a room's block that is indexed at once. */
struct search_unit {
    int64_t room;
    uint64_t above, upto; /* the numbers of its items: above < seq <= upto */
    bool is_last;         /* the room has no item behind it */
    size_t items;
    struct bytes pairs; /* uint32_t, growing: a gram, and the place of an item that has it */
};

struct store;
struct worker;

struct search {
    struct store *store;
    /* loop thread */
    enum search_state { SEARCH_IDLE, SEARCH_OPENING, SEARCH_READING, SEARCH_WRITING } state;
    struct worker *worker;
    uv_timer_t timer;
    struct search_unit unit;
    size_t written; /* of unit.pairs */
    uint64_t begun_ms, told_ms, told_items;
    /* the thread of `worker` */
    struct db db;
    int64_t room; /* the next one to look at */
    bool counted; /* `waiting` has the items from before the start */
    /* writer's thread */
    bool checked;         /* the index is of this version */
    bool noting;          /* a unit is under way: */
    bool dropped;         /* it is void: a room has been removed, or too much has changed */
    bool ending;          /* this transaction has its last slice */
    struct bytes changed; /* struct search_place: items that have changed meanwhile */
    /* any thread */
    _Atomic int64_t waiting; /* items that are not indexed; about */
};

struct search_place {
    int64_t room;
    uint64_t seq;
};

/* Writer's thread. Takes the item as it is now into the index, if its block has it: `upto`.
 * SQLite's code. */
int search_add_item(struct store *s, int64_t room, uint64_t seq);

#endif

/* journal.h - the journal of many nodes. Redis numbers events and keeps them; every node hears
 * them, copies them into its own store and then gives them to its chat. It is the bus of the nodes,
 * too. Loop thread only. */
#ifndef REDIS_JOURNAL_H
#define REDIS_JOURNAL_H

#include "store/journal.h"

#include "chat/model/bus.h"

/* Borrows `config`. NULL: no memory, or the store cannot be read. */
struct journal *redis_journal_create(const struct journal_config *config);
/* The journal as a bus. Borrowed. */
struct bus *redis_journal_bus(struct journal *j);

extern const struct journal_ops redis_journal_ops;
extern const struct bus_ops redis_journal_bus_ops;

#endif

/* journal_redis.h - the journal of many nodes: Redis numbers events and keeps them, every node
 * hears them, copies them into its own store and then tells its chat. It is the bus of the nodes,
 * too. See redis_inside.h and README.md. Called by: app.c. Loop thread only. */
#ifndef JOURNAL_REDIS_H
#define JOURNAL_REDIS_H

#include "chat/model/bus.h"
#include "chat/chat.h"
#include "store/journal.h"

/* Borrows `config`. NULL: no memory, or the store cannot be read. */
struct journal *journal_redis_create(const struct journal_config *config);
/* Before anything else happens. */
void journal_redis_attach(struct journal *j, struct chat *chat);
/* Before the loop sleeps, each time: sends what there is for Redis. */
void journal_redis_flush(struct journal *j);
/* Ends the links, and every submit that waits with ERR_UNAVAILABLE. Before the store ends; the loop
 * must run on until the handles are closed. */
void journal_redis_stop(struct journal *j);
void journal_redis_destroy(struct journal **j);

extern const struct journal_ops journal_redis_ops;
extern const struct bus_ops journal_redis_bus_ops;
struct bus *journal_redis_bus(struct journal *j); /* borrowed: the journal itself */

/* Static: why events cannot be stored now; NULL: they can. */
const char *journal_redis_fault(const struct journal *j);
/* Appends a line for each setting of Redis that endangers what was acknowledged. */
void journal_redis_warn(const struct journal *j, struct bytes *to);
size_t journal_redis_waiting(const struct journal *j); /* submits not yet answered */
/* What Redis's clock says, by which all nodes go; 0: not known yet. */
int64_t journal_redis_wall_ms(const struct journal *j);
uint64_t journal_redis_generation(const struct journal *j);

#endif

/* ticket.h - one submit, from the outbox to its answer. */
#ifndef REDIS_TICKET_H
#define REDIS_TICKET_H

#include "chat/model/journal.h"

struct list;
struct store_written;
struct ticket;

/* Copies `e` into a ticket at the end of the outbox. NULL: no memory, `done` is never called. */
struct ticket *ticket_create(struct journal *j, const struct event *e, journal_done *done,
                             void *arg);
/* The same for an event that this node submits again, under a new number: nobody waits for it. */
void ticket_repeat(struct journal *j, const struct event *e);
/* Back to the front of the outbox: the event needs a new number. */
void ticket_return(struct ticket *t);

/* The same for a ticket that Redis remembered, if its number is void: Redis is to forget that. */
void ticket_free_key(struct ticket *t);

/* Calls `done` and frees the ticket. */
void ticket_finish(struct ticket *t, enum err err, uint64_t seq, int64_t at_ms);
/* The same with what the store made of the event. */
void ticket_judged(struct ticket *t, const struct store_written *w);
/* The same for a list of tickets, with this error. */
void ticket_finish_all(struct list *tickets, enum err err);

#endif

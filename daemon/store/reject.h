/* reject.h - counts and logs what is not a good event: from outside, or in the store's file. Any
 * thread. The log gets one line for each room and reason in ten seconds, and never a text. */
#ifndef STORE_REJECT_H
#define STORE_REJECT_H

#include "chat/base/body.h"

struct bytes;
struct rejects;
struct store;

/* NULL: no memory. */
struct rejects *store_rejects_create(void);
/* Logs what is not logged yet. */
void store_rejects_destroy(struct rejects **rejects);

/* An event that came from outside. `room`: its log. */
void store_reject_event(struct store *s, const char *room, uint64_t seq, enum event_fault why);
/* A row of the file; `seq` of an event, or another number that finds it. `what`: a static string.
 */
void store_reject_row(struct store *s, const char *room, uint64_t seq, const char *what);
/* Logs the sums that are due. Call it about once a second. */
void store_rejects_tick(struct store *s);

/* Lines for /metrics. */
void store_rejects_add_metrics(const struct store *s, struct bytes *to);

#endif

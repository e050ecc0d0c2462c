/* journal_local.h - the journal of a single node (chat/model/journal.h): SQLite numbers the events.
 * Used by: app.c. Loop thread only. */
#ifndef JOURNAL_LOCAL_H
#define JOURNAL_LOCAL_H

#include "chat/chat.h"

struct store;

extern const struct journal_ops journal_local_ops;

/* Borrows the store. NULL: no memory. */
struct journal *journal_local_create(struct store *store);
/* Whom new events are told. Before the first submit. */
void journal_local_attach(struct journal *j, struct chat *chat);
void journal_local_destroy(struct journal **j);

#endif

/* journal.h - the journal of a single node (chat/model/journal.h): SQLite numbers the events. Loop
 * thread only. */
#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

#include "chat/model/journal.h"

struct conf_redis;
struct store;
struct uv_loop_s;

/* What a journal is made from, this one or that of many nodes. */
struct journal_config {
    struct uv_loop_s *loop;
    struct store *store;
    const struct conf_redis *redis; /* NULL: a single node */
    /* Once, from attach() on: the chat has all rooms that the journal knows, or the journal cannot
     * be reached for now. Not `right`: the journal holds another chat than the store. */
    void (*ready)(void *arg, bool right);
    void *arg;
};

/* Borrows `config`. NULL: no memory, or the store cannot be read; the log has the reason. */
struct journal *store_journal_create(const struct journal_config *config);

extern const struct journal_ops store_journal_ops;

/* Appends the store's lines for /metrics. */
void store_journal_add_metrics(const struct store *store, struct bytes *to);

#endif

/* tail.h - for a journal that copies logs: where each log ends, and the events near its end. */
#ifndef STORE_TAIL_H
#define STORE_TAIL_H

#include "chat/base/err.h"
#include "chat/base/event.h"

struct store;

/* The newest event of each log, the server's included, and the life of its room. At start, before
 * the first job. */
typedef void store_log_cb(void *arg, const char *room, uint64_t life, uint64_t last);
enum err store_load_logs(struct store *s, store_log_cb *cb, void *arg);

/* Events after `after` and up to `upto`: the oldest, or the newest, `limit` of them, in order. The
 * callback borrows `events` and everything that they point to. */
typedef void store_tail_cb(void *arg, enum err err, const struct event *events, size_t n);
enum err store_tail(struct store *s, const char *room, uint64_t after, uint64_t upto, size_t limit,
                    bool newest, store_tail_cb *cb, void *arg);

#endif

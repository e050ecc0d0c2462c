/* search_index.h - keeps the index of the search up to date (search.h), with a thread of its own.
 * Loop thread only. */
#ifndef STORE_SEARCH_INDEX_H
#define STORE_SEARCH_INDEX_H

#include <stdbool.h>

struct bytes;
struct store;
struct uv_loop_s;

/* After the other threads of the store. False: no memory, or no thread. */
bool search_index_begin(struct store *s, struct uv_loop_s *loop);
/* After they have ended. The loop must run until the timer is closed. */
void search_index_end(struct store *s);
/* A line for /metrics. */
void search_index_add_metrics(const struct store *s, struct bytes *to);

#endif

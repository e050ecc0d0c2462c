/* read.h - answers from the log itself: events, how many there are, one item, one key. */
#ifndef STORE_READ_H
#define STORE_READ_H

#include "feature.h"

/* Whether this log has the key of this author. SQLite's code; SQLITE_ROW and SQLITE_DONE are good.
 */
int store_find_known(struct store *s, const char *room, uint64_t author, const char *key,
                     bool *found);

feature_answer_fn store_answer_events, store_answer_count, store_answer_item, store_answer_key;

#endif

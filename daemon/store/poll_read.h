/* poll_read.h - adds polls to a page, answers questions about them, and loads those with a
 * deadline.
 */
#ifndef STORE_POLL_READ_H
#define STORE_POLL_READ_H

#include "feature.h"

/* For struct store_feature. */
int poll_connect(struct db *db);
int poll_fold(struct store *s, struct page *page);
enum err poll_load(struct store *s, struct chat *chat);
feature_answer_fn poll_answer, poll_answer_ballots;

#endif

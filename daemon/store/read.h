/* read.h - answers from the log itself: events, how many there are, one item, one key. */
#ifndef STORE_READ_H
#define STORE_READ_H

#include "feature.h"

feature_answer_fn store_answer_events, store_answer_count, store_answer_item, store_answer_key;

#endif

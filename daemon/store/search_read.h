/* search_read.h - answers a search: the tails of the rooms item by item, the rest by the index. */
#ifndef STORE_SEARCH_READ_H
#define STORE_SEARCH_READ_H

#include "feature.h"

feature_answer_fn search_answer;

#endif

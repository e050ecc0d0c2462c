/* mention_read.h - answers the questions about mentions. */
#ifndef STORE_MENTION_READ_H
#define STORE_MENTION_READ_H

#include "feature.h"

feature_answer_fn mention_answer_unread;
feature_answer_fn mention_answer_list;

#endif

/* poll.h - the feature of polls and votes: poll.c opens polls and takes votes, poll_end.c closes
 * and destroys, poll_read.c answers. For voters see chat/base/voter.h. */
#ifndef STORE_POLL_H
#define STORE_POLL_H

#include "feature.h"

extern const struct store_feature store_polls;

#endif

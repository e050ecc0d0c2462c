/* message.h - the feature of the log itself: its table, its pages, and items that are edited,
 * deleted and purged. */
#ifndef STORE_MESSAGE_H
#define STORE_MESSAGE_H

#include "feature.h"

extern const struct store_feature store_messages;

#endif

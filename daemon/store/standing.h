/* standing.h - the feature of roles, bans and mutes. */
#ifndef STORE_STANDING_H
#define STORE_STANDING_H

#include "feature.h"

extern const struct store_feature store_standings;

#endif

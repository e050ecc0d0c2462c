/* identity.h - the feature of nicks, their holders, and how far each has read in each room. */
#ifndef STORE_IDENTITY_H
#define STORE_IDENTITY_H

#include "feature.h"

extern const struct store_feature store_identities;

/* Keeps a marker. See struct archive_ops. Loop thread. */
void store_mark(struct archive *a, uint64_t identity, const struct archive_marker *m);

#endif

/* identity.h - keeps how far each person has read in each room. */
#ifndef STORE_IDENTITY_H
#define STORE_IDENTITY_H

#include <stdint.h>

struct archive;
struct archive_marker;

/* Keeps a marker. See struct archive_ops. Loop thread. */
void store_mark(struct archive *a, uint64_t identity, const struct archive_marker *m);

#endif

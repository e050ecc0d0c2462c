/* photo.h - what of the photos is in the store: their measures, and which messages show them. Their
 * bytes are files elsewhere. */
#ifndef STORE_PHOTO_H
#define STORE_PHOTO_H

#include <stdint.h>

struct bytes;
struct store;

/* Loop thread. Gives up photos that no message shows and that were uploaded before `unused_ms`, and
 * forgets those that were given up and were uploaded before `forget_ms` (wall clock; until then
 * they count for the quota). If the store has no place for the job, the next call does it. */
void store_photos_expire(struct store *s, int64_t unused_ms, int64_t forget_ms);

/* Loop thread. Removes the files of those of these names, each with its NUL, that are no photos of
 * the store. */
void store_photos_sweep(struct store *s, const struct bytes *names);

#endif

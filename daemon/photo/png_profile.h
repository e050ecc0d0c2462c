/* png_profile.h - the chunk iCCP of a PNG: a name, a zero, the method 0, the packed profile. */
#ifndef PHOTO_PNG_PROFILE_H
#define PHOTO_PNG_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct icc;
struct scan;

/* Fills in `out` with what stays of the profile, as icc_clean(). */
bool png_profile_clean(struct scan *s, const uint8_t *chunk, size_t n, struct icc *out);
/* Makes the content of a chunk of a clean profile: new, `*n_out` bytes. NULL: no memory. It is the
 * same with every version of zlib, because it is not packed. */
uint8_t *png_profile_write(const struct icc *clean, size_t *n_out);

#endif

/* thumbhash.h - a blurred picture in some 25 bytes, shown until the thumbnail is there. The format
 * is ThumbHash, described at https://evanw.github.io/thumbhash/. */
#ifndef THUMB_THUMBHASH_H
#define THUMB_THUMBHASH_H

#include <stddef.h>
#include <stdint.h>

#define THUMBHASH_SIDE 100 /* pixels, at most */
#define THUMBHASH_MAX  25  /* bytes */

/* Returns the number of bytes. */
size_t thumbhash_encode(uint8_t hash[THUMBHASH_MAX], const uint8_t *rgba, unsigned width,
                        unsigned height);

#endif

/* orientation.h - how a picture must be turned before it is shown: EXIF's number, 1 to 8. */
#ifndef THUMB_ORIENTATION_H
#define THUMB_ORIENTATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads it from EXIF, with or without "Exif\0\0" before it. 0: it says none, or a wrong one. */
unsigned orientation_of(const uint8_t *exif, size_t size);

/* Whether width and height change places. */
bool orientation_swaps(unsigned orientation);

/* Copies `from`, which is width * height pixels, as it is shown. Any number but 2 to 8 is upright.
 */
void orientation_apply(unsigned orientation, const uint32_t *from, uint32_t *to, unsigned width,
                       unsigned height);

#endif

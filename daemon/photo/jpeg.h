/* jpeg.h - a JPEG (ITU-T T.81; JFIF: T.871; ICC profiles: ICC.1:2022, annex B; Adobe: T.872):
 * baseline, extended and progressive with Huffman codes and 8 bits, which is what browsers show.
 * The copy ends at the first EOI. */
#ifndef PHOTO_JPEG_H
#define PHOTO_JPEG_H

#include <stdbool.h>

struct scan;

/* False: s->fault says why. */
bool jpeg_clean(struct scan *s);

#endif

/* png.h - a PNG, still or moving (W3C, PNG Specification, Third Edition: chunks, APNG, eXIf). The
 * copy ends at IEND. */
#ifndef PHOTO_PNG_H
#define PHOTO_PNG_H

#include <stdbool.h>

struct scan;

/* False: s->fault says why. */
bool png_clean(struct scan *s);

#endif

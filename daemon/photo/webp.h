/* webp.h - a WebP, still or moving (RFC 9649; the size in VP8 frames: RFC 6386, 9.1). The copy ends
 * where RIFF ends. */
#ifndef PHOTO_WEBP_H
#define PHOTO_WEBP_H

#include <stdbool.h>

struct scan;

/* False: s->fault says why. */
bool webp_clean(struct scan *s);

#endif

/* gif.h - a GIF, still or moving (GIF89a Specification; the looping extensions NETSCAPE2.0 and
 * ANIMEXTS1.0 are a convention). The copy ends at the trailer. */
#ifndef PHOTO_GIF_H
#define PHOTO_GIF_H

#include <stdbool.h>

struct scan;

/* False: s->fault says why. */
bool gif_clean(struct scan *s);

#endif

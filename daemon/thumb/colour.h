/* colour.h - a draft's own colours become sRGB, by its profile if it has one that fits. */
#ifndef THUMB_COLOUR_H
#define THUMB_COLOUR_H

#include <stdint.h>

struct draft;

/* Writes red, green, blue and alpha of each pixel. Without a profile grey and RGB are sRGB's, and
 * CMYK is computed as browsers do. */
void colour_convert(const struct draft *d, uint8_t *rgba);

#endif

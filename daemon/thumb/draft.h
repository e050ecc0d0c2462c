/* draft.h - what a codec makes of a picture: its pixels, already in the size of the thumbnail but
 * in the picture's own colours, and what it says about them.
 *
 * A codec calls draft_size() with what the header says, before it takes memory for pixels, then
 * draft_begin(), then draft_row() for each row. Functions that return text return NULL, or a
 * sentence for the log: the draft cannot be made. */
#ifndef THUMB_DRAFT_H
#define THUMB_DRAFT_H

#include "shrink.h"

#include <stddef.h>

struct draft {
    /* set by the caller; all else is zero */
    uint64_t most_pixels; /* of the picture */
    unsigned side;        /* of the thumbnail, at most, in pixels */
    /* set by draft_size() */
    unsigned width, height; /* of the thumbnail before it is turned */
    /* set by draft_begin(), changed by draft_row() */
    unsigned colours; /* 1: grey. 3: RGB. 4: CMYK as JPEG has it, 255 is no ink */
    struct shrink shrink;
    /* set by draft_take_profile() and draft_take_exif() */
    uint8_t *profile; /* ICC; NULL: sRGB */
    size_t profile_size;
    unsigned orientation; /* 0: not said */
};

/* The size of the picture. Refuses too many pixels and none. */
const char *draft_size(struct draft *d, unsigned width, unsigned height);

/* The size of the rows to come: the picture's, or smaller, but no smaller than the thumbnail. */
const char *draft_begin(struct draft *d, unsigned width, unsigned height, unsigned colours,
                        bool alpha);
void draft_row(struct draft *d, const uint8_t *row); /* `colours` bytes a pixel, then alpha */

/* Copies it. The first one counts. */
const char *draft_take_profile(struct draft *d, const uint8_t *profile, size_t size);
/* With or without "Exif\0\0" before it. */
void draft_take_exif(struct draft *d, const uint8_t *exif, size_t size);

/* Whether all rows arrived. */
bool draft_is_done(const struct draft *d);
void draft_finish(struct draft *d);

#endif

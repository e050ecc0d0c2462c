/* shrink.h - makes a picture smaller as its rows arrive: each pixel of the result is the exact mean
 * of the area that it covers. Sums are integers; colours count as much as their alpha. */
#ifndef THUMB_SHRINK_H
#define THUMB_SHRINK_H

#include <stdbool.h>
#include <stdint.h>

struct shrink {
    /* set once by shrink_init() */
    unsigned from_width, from_height, width, height;
    unsigned samples; /* bytes a pixel */
    bool alpha;       /* the last sample */
    uint8_t *pixels;  /* the result, width * height * samples */
    /* changed by shrink_row() */
    uint64_t *row, *sums; /* of the row that arrived; of the row of `pixels` that is being made */
    unsigned lacks;       /* what the sums lack, as 1 / height of a row that arrives */
    unsigned done;        /* rows of `pixels` */
};

/* `width` and `height` are 1 to those of the picture. False: no memory. */
bool shrink_init(struct shrink *s, unsigned from_width, unsigned from_height, unsigned width,
                 unsigned height, unsigned samples, bool alpha);
void shrink_finish(struct shrink *s); /* a zeroed struct is fine */

/* The rows arrive from the top, from_width * samples bytes each. */
void shrink_row(struct shrink *s, const uint8_t *row);
bool shrink_is_done(const struct shrink *s);

#endif

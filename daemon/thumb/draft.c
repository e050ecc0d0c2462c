/* draft.c - see draft.h. */
#include "draft.h"

#include "orientation.h"

#include <stdlib.h>
#include <string.h>

/* `a` * `b` / `c`, rounded, at least 1. */
static unsigned scaled(unsigned a, unsigned b, unsigned c)
{
    unsigned n = (unsigned)(((uint64_t)a * b + c / 2) / c);
    return n > 0 ? n : 1;
}

const char *draft_size(struct draft *d, unsigned width, unsigned height)
{
    unsigned longer = width > height ? width : height;
    if (width == 0 || height == 0)
        return "The picture has no pixels.";
    if ((uint64_t)width * height > d->most_pixels)
        return "The picture has too many pixels.";
    d->width = longer > d->side ? scaled(width, d->side, longer) : width;
    d->height = longer > d->side ? scaled(height, d->side, longer) : height;
    return NULL;
}

const char *draft_begin(struct draft *d, unsigned width, unsigned height, unsigned colours,
                        bool alpha)
{
    d->colours = colours;
    return shrink_init(&d->shrink, width, height, d->width, d->height, colours + alpha, alpha)
               ? NULL
               : "There is no memory for the thumbnail.";
}

void draft_row(struct draft *d, const uint8_t *row) { shrink_row(&d->shrink, row); }

const char *draft_take_profile(struct draft *d, const uint8_t *profile, size_t size)
{
    if (d->profile != NULL || size == 0)
        return NULL;
    d->profile = malloc(size);
    if (d->profile == NULL)
        return "There is no memory for the colour profile.";
    memcpy(d->profile, profile, size);
    d->profile_size = size;
    return NULL;
}

void draft_take_exif(struct draft *d, const uint8_t *exif, size_t size)
{
    if (d->orientation == 0)
        d->orientation = orientation_of(exif, size);
}

bool draft_is_done(const struct draft *d)
{
    return d->shrink.pixels != NULL && shrink_is_done(&d->shrink);
}

void draft_finish(struct draft *d)
{
    shrink_finish(&d->shrink);
    free(d->profile);
    *d = (struct draft){0};
}

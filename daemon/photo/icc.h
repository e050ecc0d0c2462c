/* icc.h - copies what colours need of an ICC profile (ICC.1:2022). Names, dates, copyrights, serial
 * numbers and tags that no browser reads stay behind. */
#ifndef PHOTO_ICC_H
#define PHOTO_ICC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scan;

#define ICC_BYTES_MAX ((size_t)4 * 1024 * 1024) /* those of printers have 3 MB */

struct icc {
    uint8_t *at; /* own. NULL: these bytes are no profile that can be kept */
    size_t size;
};

/* Fills in `out`, and whether the profile said where the picture was taken. False: no memory. The
 * copy of a copy is the same. */
bool icc_clean(struct scan *s, const uint8_t *bytes, size_t n, struct icc *out);
void icc_finish(struct icc *i);

#endif

/* picture.h - tells what kind of picture a file is, and copies what may be kept of it: pixels,
 * colours, orientation. Metadata and trailing data stay behind (EXIF, GPS, XMP, IPTC, comments,
 * thumbnails, gain maps, a second picture, a film). Nothing is decoded: the pixels stay bit for bit
 * the same, so bytes that hide within compressed pixels stay, too. Pure; any thread; some 130 KiB
 * of stack. */
#ifndef PHOTO_PICTURE_H
#define PHOTO_PICTURE_H

#include "facts.h"

#include <stdio.h>

/* Reads from `in` and writes to `out`; both are seekable and stand at 0. `*found` is written on
 * PICTURE_FINE only, and on any fault the content of `out` is worthless. To clean what is clean
 * changes no byte. */
enum picture_fault picture_clean(FILE *in, FILE *out, const struct picture_limits *most,
                                 struct picture *found);

const char *picture_mime(enum picture_kind kind);
const char *picture_extension(enum picture_kind kind); /* without a dot */

#endif

/* scan.h - the state while a picture is copied: two files, limits, facts found so far. A function
 * that returns false has set `fault`, and the copy ends; scan_exif() is the exception. */
#ifndef PHOTO_SCAN_H
#define PHOTO_SCAN_H

#include "facts.h"

#include <stddef.h>
#include <stdio.h>

#define SCAN_BYTES 65536 /* a segment of a JPEG fits: 65,533 */

struct scan {
    FILE *in, *out;
    const struct picture_limits *most;
    struct picture *found; /* width and height as stored */
    enum picture_fault fault;
    bool exif_seen;
    uint8_t buffer[SCAN_BYTES];
};

bool scan_refuse(struct scan *s, enum picture_fault why); /* false */
bool scan_read(struct scan *s, void *to, size_t n);
bool scan_write(struct scan *s, const void *from, size_t n);
/* Through the buffer. */
bool scan_copy(struct scan *s, uint64_t n);
bool scan_skip(struct scan *s, uint64_t n);
/* Reads the first of `n` bytes into the buffer, as many as fit (*kept_out), and skips the rest. */
bool scan_take(struct scan *s, uint64_t n, size_t *kept_out);
/* Writes over what was written at `at`, and returns to the end. */
bool scan_amend(struct scan *s, off_t at, const void *from, size_t n);

/* Checks the size against the limit, and stores it in `found`. */
bool scan_size(struct scan *s, uint64_t width, uint64_t height);
/* Counts one more frame, and checks the limit. */
bool scan_frame(struct scan *s);

/* Stores in `found` what an EXIF block says. True: the block turns the picture, so exif_minimal()
 * belongs into the copy. Only a picture's first block can turn it, as in Chromium 156. */
bool scan_exif(struct scan *s, const uint8_t *bytes, size_t n);

static inline unsigned be16(const uint8_t *p) { return (unsigned)p[0] << 8 | p[1]; }

static inline uint32_t be32(const uint8_t *p) { return (uint32_t)be16(p) << 16 | be16(p + 2); }

static inline unsigned le16(const uint8_t *p) { return (unsigned)p[1] << 8 | p[0]; }

static inline uint32_t le24(const uint8_t *p) { return (uint32_t)p[2] << 16 | le16(p); }

static inline uint32_t le32(const uint8_t *p) { return (uint32_t)le16(p + 2) << 16 | le16(p); }

#endif

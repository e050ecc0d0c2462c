/* facts.h - the facts of a picture, the faults that refuse one, and the limits. */
#ifndef PHOTO_FACTS_H
#define PHOTO_FACTS_H

#include <stdbool.h>
#include <stdint.h>

enum picture_kind { PICTURE_JPEG, PICTURE_PNG, PICTURE_GIF, PICTURE_WEBP };

struct picture {
    enum picture_kind kind;
    unsigned width, height; /* as shown: the orientation is applied */
    unsigned orientation;   /* 1 to 8, EXIF's Orientation, tag 0x0112 (CIPA DC-008) */
    unsigned frames;        /* 1: it stands still */
    bool located;           /* its metadata said where it was taken */
};

enum picture_fault {
    PICTURE_FINE,
    PICTURE_UNKNOWN, /* no JPEG, PNG, GIF or WebP, or a JPEG that browsers do not show */
    PICTURE_BROKEN,  /* truncated, or against the rules of its format */
    PICTURE_TOO_BIG, /* more pixels, frames or scans than allowed */
    PICTURE_FAILED,  /* reading or writing failed: errno says why */
};

struct picture_limits {
    uint64_t pixels; /* of one frame */
    unsigned frames;
};

#endif

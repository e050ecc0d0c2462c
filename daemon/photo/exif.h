/* exif.h - reads orientation and place from an EXIF block (CIPA DC-008: a TIFF structure), and
 * makes a block that has the orientation alone. */
#ifndef PHOTO_EXIF_H
#define PHOTO_EXIF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct exif {
    unsigned orientation; /* 1 to 8; 0: the block has none */
    bool located;         /* the block has a latitude or a longitude */
};

/* `bytes` begin with the TIFF header, or with "Exif\0\0" before it. Other bytes give {0, false}. */
struct exif exif_read(const uint8_t *bytes, size_t n);

#define EXIF_PREFIX        "Exif\0"
#define EXIF_PREFIX_BYTES  6
#define EXIF_MINIMAL_BYTES 26

struct exif_minimal {
    uint8_t at[EXIF_MINIMAL_BYTES]; /* without the prefix */
};

struct exif_minimal exif_minimal(unsigned orientation);

#endif

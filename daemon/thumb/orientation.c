/* orientation.c - see orientation.h. EXIF is a TIFF file: byte order, then where its first
 * directory is, which has entries of 12 bytes: tag, type, count, value. */
#include "orientation.h"

#include <string.h>

#define TAG_ORIENTATION 0x0112
#define TYPE_SHORT      3
#define ENTRY           12

struct tiff {
    const uint8_t *at;
    size_t size;
    bool big_endian;
};

/* The caller checks that they are there. */
static unsigned read16(const struct tiff *t, size_t at)
{
    const uint8_t *p = t->at + at;
    return t->big_endian ? (unsigned)(p[0] << 8 | p[1]) : (unsigned)(p[1] << 8 | p[0]);
}

static uint32_t read32(const struct tiff *t, size_t at)
{
    uint32_t a = read16(t, at), b = read16(t, at + 2);
    return t->big_endian ? a << 16 | b : b << 16 | a;
}

static unsigned read_entry(const struct tiff *t, size_t at)
{
    if (read16(t, at) != TAG_ORIENTATION || read16(t, at + 2) != TYPE_SHORT ||
        read32(t, at + 4) != 1)
        return 0;
    unsigned orientation = read16(t, at + 8);
    return orientation <= 8 ? orientation : 0;
}

unsigned orientation_of(const uint8_t *exif, size_t size)
{
    struct tiff t = {exif, size, false};
    if (size > 6 && memcmp(exif, "Exif\0\0", 6) == 0)
        t = (struct tiff){exif + 6, size - 6, false};
    if (t.size < 8 || (memcmp(t.at, "II*\0", 4) != 0 && memcmp(t.at, "MM\0*", 4) != 0))
        return 0;
    t.big_endian = t.at[0] == 'M';
    size_t at = read32(&t, 4);
    if (at > t.size - 2)
        return 0;
    unsigned entries = read16(&t, at), orientation = 0;
    for (at += 2; entries-- > 0 && orientation == 0 && at + ENTRY <= t.size; at += ENTRY)
        orientation = read_entry(&t, at);
    return orientation;
}

bool orientation_swaps(unsigned orientation) { return orientation >= 5 && orientation <= 8; }

void orientation_apply(unsigned orientation, const uint32_t *from, uint32_t *to, unsigned width,
                       unsigned height)
{
    bool swaps = orientation_swaps(orientation);
    bool mirrored = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    bool upside_down = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    unsigned shown_width = swaps ? height : width, shown_height = swaps ? width : height;
    for (unsigned down = 0; down < shown_height; down++)
        for (unsigned right = 0; right < shown_width; right++) {
            unsigned x = swaps ? down : right, y = swaps ? right : down;
            x = mirrored ? width - 1 - x : x;
            y = upside_down ? height - 1 - y : y;
            *to++ = from[(size_t)y * width + x];
        }
}

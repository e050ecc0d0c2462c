/* exif.c - see exif.h. */
#include "exif.h"

#include <string.h>

#define TIFF_HEADER_BYTES 8
#define ENTRY_BYTES       12
#define TYPE_SHORT        3
#define TAG_ORIENTATION   0x0112
#define TAG_GPS           0x8825
#define TAG_LATITUDE      2 /* of the directory that TAG_GPS points to */
#define TAG_LONGITUDE     4

struct tiff {
    const uint8_t *at;
    size_t size;
    bool big_endian;
};

static unsigned u16(const struct tiff *t, size_t at)
{
    unsigned a = t->at[at], b = t->at[at + 1];
    return t->big_endian ? a << 8 | b : b << 8 | a;
}

static uint32_t u32(const struct tiff *t, size_t at)
{
    uint32_t a = u16(t, at), b = u16(t, at + 2);
    return t->big_endian ? a << 16 | b : b << 16 | a;
}

/* The offset of the directory's entry for `tag`; 0: the directory has none, or lies outside the
 * block. */
static size_t find(const struct tiff *t, size_t directory, unsigned tag)
{
    if (directory < TIFF_HEADER_BYTES || directory > t->size || t->size - directory < 2)
        return 0;
    unsigned entries = u16(t, directory);
    size_t at = directory + 2;
    for (unsigned i = 0; i < entries && t->size - at >= ENTRY_BYTES; i++, at += ENTRY_BYTES)
        if (u16(t, at) == tag)
            return at;
    return 0;
}

static bool located(const struct tiff *t, size_t directory)
{
    size_t pointer = find(t, directory, TAG_GPS);
    size_t gps = pointer == 0 ? 0 : u32(t, pointer + 8);
    return find(t, gps, TAG_LATITUDE) != 0 || find(t, gps, TAG_LONGITUDE) != 0;
}

struct exif exif_read(const uint8_t *bytes, size_t n)
{
    struct exif e = {0};
    if (n >= EXIF_PREFIX_BYTES && memcmp(bytes, EXIF_PREFIX, EXIF_PREFIX_BYTES) == 0)
        bytes += EXIF_PREFIX_BYTES, n -= EXIF_PREFIX_BYTES;
    if (n < TIFF_HEADER_BYTES)
        return e;
    struct tiff t = {bytes, n, memcmp(bytes, "MM\0*", 4) == 0};
    if (!t.big_endian && memcmp(bytes, "II*\0", 4) != 0)
        return e;
    size_t first = u32(&t, 4);
    size_t entry = find(&t, first, TAG_ORIENTATION);
    if (entry != 0 && u16(&t, entry + 2) == TYPE_SHORT && u32(&t, entry + 4) == 1)
        e.orientation = u16(&t, entry + 8);
    if (e.orientation > 8)
        e.orientation = 0;
    e.located = located(&t, first);
    return e;
}

struct exif_minimal exif_minimal(unsigned orientation)
{
    /* clang-format off */
    return (struct exif_minimal){{
        'M', 'M', 0, '*', 0, 0, 0, TIFF_HEADER_BYTES,         /* where the directory is */
        0, 1,                                                 /* its number of entries */
        TAG_ORIENTATION >> 8, TAG_ORIENTATION & 0xff, 0, TYPE_SHORT, 0, 0, 0, 1,
        0, (uint8_t)orientation, 0, 0,
        0, 0, 0, 0,                                           /* no further directory */
    }};
    /* clang-format on */
}

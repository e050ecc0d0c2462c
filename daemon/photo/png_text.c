/* png_text.c - see png_text.h. */
#include "png_text.h"

#include "exif.h"
#include "place.h"
#include "scan.h"

#include <string.h>
#include <zlib.h>

#define RAW "Raw profile type "

struct text {
    uint8_t *at;
    size_t size;
};

/* Moves `t` behind the next zero; false: there is none. */
static bool pass_zero(struct text *t)
{
    uint8_t *zero = memchr(t->at, 0, t->size);
    if (zero == NULL)
        return false;
    t->size -= (size_t)(zero + 1 - t->at);
    t->at = zero + 1;
    return true;
}

static bool pass_bytes(struct text *t, size_t n)
{
    if (t->size < n)
        return false;
    t->at += n, t->size -= n;
    return true;
}

/* Inflates as much as fits and is sound; returns the bytes. */
static size_t unpack(const struct text *packed, uint8_t *to, size_t most)
{
    z_stream z = {.next_in = packed->at,
                  .avail_in = (uInt)packed->size,
                  .next_out = to,
                  .avail_out = (uInt)most};
    if (inflateInit(&z) != Z_OK)
        return 0;
    inflate(&z, Z_FINISH);
    inflateEnd(&z);
    return most - z.avail_out;
}

static int digit(uint8_t c)
{
    const char *digits = "0123456789abcdef", *at = c == 0 ? NULL : strchr(digits, c | 0x20);
    return at == NULL ? -1 : (int)(at - digits);
}

/* "\nNAME\n  SIZE\n", then lines of digits: turns them into bytes, in place. */
static size_t from_hexadecimal(struct text t)
{
    uint8_t *to = t.at;
    size_t digits = 0;
    for (int line = 0; line < 3; line++) {
        uint8_t *end = memchr(t.at, '\n', t.size);
        if (end == NULL)
            return 0;
        pass_bytes(&t, (size_t)(end + 1 - t.at));
    }
    for (size_t i = 0; i < t.size; i++) {
        int value = digit(t.at[i]);
        if (value < 0)
            continue;
        to[digits / 2] = (uint8_t)(digits % 2 == 0 ? value << 4 : to[digits / 2] | value);
        digits++;
    }
    return digits / 2;
}

static bool profile_located(struct text t)
{
    size_t n = from_hexadecimal(t);
    return exif_read(t.at, n).located || place_in_text(t.at, n) || place_in_photoshop(t.at, n) ||
           place_in_iptc(t.at, n);
}

bool png_text_located(const uint8_t type[4], uint8_t *bytes, size_t n)
{
    uint8_t unpacked[SCAN_BYTES];
    struct text t = {bytes, n};
    bool raw = n > strlen(RAW) && memcmp(bytes, RAW, strlen(RAW)) == 0;
    if (place_in_text(bytes, n)) /* the keyword, too */
        return true;
    if (!pass_zero(&t))
        return false;
    bool international = type[0] == 'i', packed = type[0] == 'z';
    if (international) { /* flag, method, language, translated keyword */
        packed = t.size > 0 && t.at[0] == 1;
        if (!pass_bytes(&t, 2) || !pass_zero(&t) || !pass_zero(&t))
            return false;
    } else if (packed && !pass_bytes(&t, 1)) { /* method */
        return false;
    }
    if (packed)
        t = (struct text){unpacked, unpack(&t, unpacked, sizeof unpacked)};
    return place_in_text(t.at, t.size) || (raw && profile_located(t));
}

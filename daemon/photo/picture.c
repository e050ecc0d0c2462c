/* picture.c - see picture.h. */
#include "picture.h"

#include "gif.h"
#include "jpeg.h"
#include "png.h"
#include "scan.h"
#include "webp.h"

#include <string.h>

/* A picture of this kind begins with `first`, and has `then` at offset `at`. */
static const struct kind {
    const char *mime, *extension;
    const char *first;
    size_t at;
    const char *then;
    bool (*clean)(struct scan *s);
} kinds[] = {
    [PICTURE_JPEG] = {"image/jpeg", "jpg", "\xff\xd8", 2, "\xff", jpeg_clean},
    [PICTURE_PNG] = {"image/png", "png", "\x89PNG", 4, "\r\n\x1a\n", png_clean},
    [PICTURE_GIF] = {"image/gif", "gif", "GIF8", 5, "a", gif_clean},
    [PICTURE_WEBP] = {"image/webp", "webp", "RIFF", 8, "WEBP", webp_clean},
};
#define KINDS       (sizeof kinds / sizeof *kinds)
#define SNIFF_BYTES 12

static bool is_at(const uint8_t *bytes, size_t n, size_t at, const char *wanted)
{
    size_t length = strlen(wanted);
    return at + length <= n && memcmp(bytes + at, wanted, length) == 0;
}

static const struct kind *tell(FILE *in)
{
    uint8_t bytes[SNIFF_BYTES];
    size_t n = fread(bytes, 1, sizeof bytes, in);
    for (const struct kind *k = kinds; k < kinds + KINDS; k++)
        if (is_at(bytes, n, 0, k->first) && is_at(bytes, n, k->at, k->then))
            return k;
    return NULL;
}

/* Orientations 5 to 8 swap width and height. */
static void turn(struct picture *p)
{
    if (p->orientation >= 5) {
        unsigned width = p->width;
        p->width = p->height;
        p->height = width;
    }
}

enum picture_fault picture_clean(FILE *in, FILE *out, const struct picture_limits *most,
                                 struct picture *found)
{
    const struct kind *kind = tell(in);
    if (ferror(in) || fseeko(in, 0, SEEK_SET) != 0)
        return PICTURE_FAILED;
    if (kind == NULL)
        return PICTURE_UNKNOWN;
    struct picture p = {.kind = (enum picture_kind)(kind - kinds), .orientation = 1};
    struct scan s = {.in = in, .out = out, .most = most, .found = &p};
    if (!kind->clean(&s))
        return s.fault;
    if (fflush(out) != 0)
        return PICTURE_FAILED;
    turn(&p);
    *found = p;
    return PICTURE_FINE;
}

const char *picture_mime(enum picture_kind kind) { return kinds[kind].mime; }

const char *picture_extension(enum picture_kind kind) { return kinds[kind].extension; }

/* webp.c - see webp.h. */
#include "webp.h"

#include "exif.h"
#include "icc.h"
#include "place.h"
#include "scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define RIFF_BYTES     12 /* "RIFF", size, "WEBP" */
#define HEAD_BYTES     8  /* of a chunk: name, size */
#define EXTENDED_BYTES 10
#define ANIM_BYTES     6
#define ANMF_BYTES     16 /* before the frame's own chunks */
#define LOSSY_BYTES    10 /* a VP8 frame's header up to the size */
#define LOSSLESS_BYTES 5

/* Flags of VP8X (RFC 9649, 2.7). */
enum { ANIMATED = 0x02, WITH_ALPHA = 0x10, WITH_PROFILE = 0x20 };

struct chunk {
    uint8_t head[HEAD_BYTES];
    uint32_t size;
    uint64_t padded; /* to an even size */
};

struct webp {
    struct scan *s;
    off_t start;   /* of this file in `out` */
    uint64_t left; /* bytes of RIFF that follow */
    bool extended;
    uint8_t told, flags; /* of VP8X: in the file, in the copy */
    bool with_alpha;     /* ALPH has come, VP8 must follow */
    bool with_loop;      /* ANIM has come */
};

static bool broken(struct webp *w) { return scan_refuse(w->s, PICTURE_BROKEN); }

/* Whether the chunk VP8X announces this kind of chunk: decoders ignore what it does not announce.
 * A file without VP8X announces none. */
static bool told(const struct webp *w, uint8_t flag) { return (w->told & flag) != 0; }

static bool is(const struct chunk *c, const char *name) { return memcmp(c->head, name, 4) == 0; }

static bool is_image(const struct chunk *c) { return is(c, "VP8 ") || is(c, "VP8L"); }

/* Reads a chunk's head. The chunk must fit into `*left` bytes, and is subtracted from them. */
static bool open_chunk(struct webp *w, struct chunk *c, uint64_t *left)
{
    if (*left < HEAD_BYTES)
        return broken(w);
    if (!scan_read(w->s, c->head, sizeof c->head))
        return false;
    c->size = le32(c->head + 4);
    c->padded = (uint64_t)c->size + (c->size & 1);
    if (c->padded > *left - HEAD_BYTES)
        return broken(w);
    *left -= HEAD_BYTES + c->padded;
    return true;
}

static bool copy_chunk(struct webp *w, const struct chunk *c)
{
    return scan_write(w->s, c->head, sizeof c->head) && scan_copy(w->s, c->padded);
}

static bool write_number(struct webp *w, off_t at, uint64_t n)
{
    uint8_t bytes[] = {(uint8_t)n, (uint8_t)(n >> 8), (uint8_t)(n >> 16), (uint8_t)(n >> 24)};
    return scan_amend(w->s, at, bytes, sizeof bytes);
}

/* --- images ----------------------------------------------------------------------------------- */

struct size {
    uint32_t width, height;
};

/* A key frame: its tag, a start code, two sizes with their scale in bits 14 and 15. */
static bool lossy_size(const uint8_t b[LOSSY_BYTES], struct size *out)
{
    *out = (struct size){le16(b + 6) & 0x3fff, le16(b + 8) & 0x3fff};
    return (b[0] & 1) == 0 && memcmp(b + 3, "\x9d\x01\x2a", 3) == 0;
}

/* A signature; then, from bit 0: 14 bits of width - 1, of height - 1, alpha, 3 bits of version. */
static bool lossless_size(const uint8_t b[LOSSLESS_BYTES], struct size *out)
{
    uint32_t bits = le32(b + 1);
    *out = (struct size){(bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1};
    return b[0] == 0x2f && bits >> 29 == 0;
}

/* Copies a picture, or one frame. Its size must be `wanted`; if that is NULL, it becomes the
 * picture's. */
static bool image(struct webp *w, const struct chunk *c, const struct size *wanted)
{
    uint8_t b[LOSSY_BYTES];
    struct size size;
    bool lossy = is(c, "VP8 ");
    size_t n = lossy ? LOSSY_BYTES : LOSSLESS_BYTES;
    if (c->size < n || (w->with_alpha && !lossy))
        return broken(w);
    w->with_alpha = false;
    if (!scan_read(w->s, b, n))
        return false;
    if (!(lossy ? lossy_size(b, &size) : lossless_size(b, &size)))
        return broken(w);
    if (wanted == NULL && !scan_size(w->s, size.width, size.height))
        return false;
    if (wanted != NULL && (size.width != wanted->width || size.height != wanted->height))
        return broken(w);
    return scan_write(w->s, c->head, sizeof c->head) && scan_write(w->s, b, n) &&
           scan_copy(w->s, c->padded - n);
}

static bool alpha(struct webp *w, const struct chunk *c)
{
    if (w->with_alpha)
        return broken(w);
    w->with_alpha = true;
    return copy_chunk(w, c);
}

static bool still_image(struct webp *w, const struct chunk *c)
{
    struct size canvas = {w->s->found->width, w->s->found->height};
    if (told(w, ANIMATED) || w->s->found->frames > 0)
        return broken(w);
    return scan_frame(w->s) && image(w, c, w->extended ? &canvas : NULL);
}

/* --- moving ones ------------------------------------------------------------------------------ */

/* x / 2, y / 2, width - 1, height - 1, duration (3 bytes each), flags. */
static bool read_frame_head(struct webp *w, uint8_t b[ANMF_BYTES], struct size *out)
{
    if (!scan_read(w->s, b, ANMF_BYTES))
        return false;
    *out = (struct size){le24(b + 6) + 1, le24(b + 9) + 1};
    b[ANMF_BYTES - 1] &= 3;
    return (uint64_t)le24(b) * 2 + out->width <= w->s->found->width &&
                   (uint64_t)le24(b + 3) * 2 + out->height <= w->s->found->height
               ? true
               : broken(w);
}

/* Copies the chunks of one frame: ALPH, then VP8, or VP8L. Drops others. */
static bool frame_chunks(struct webp *w, uint64_t left, const struct size *size)
{
    unsigned images = 0;
    while (left > 0) {
        struct chunk c;
        if (!open_chunk(w, &c, &left))
            return false;
        bool fine;
        if (is(&c, "ALPH"))
            fine = images == 0 ? alpha(w, &c) : broken(w);
        else if (is_image(&c))
            fine = images++ == 0 ? image(w, &c, size) : broken(w);
        else
            fine = scan_skip(w->s, c.padded);
        if (!fine)
            return false;
    }
    return images == 1 || broken(w);
}

static bool frame(struct webp *w, const struct chunk *c)
{
    uint8_t b[ANMF_BYTES];
    struct size size;
    off_t at = ftello(w->s->out);
    if (!told(w, ANIMATED) || !w->with_loop || c->size < ANMF_BYTES || (c->size & 1) != 0)
        return broken(w);
    if (!scan_frame(w->s) || !read_frame_head(w, b, &size))
        return false;
    if (!scan_write(w->s, c->head, sizeof c->head) || !scan_write(w->s, b, sizeof b) ||
        !frame_chunks(w, c->size - ANMF_BYTES, &size))
        return false;
    return write_number(w, at + 4, (uint64_t)(ftello(w->s->out) - at - HEAD_BYTES));
}

static bool loop(struct webp *w, const struct chunk *c)
{
    if (!told(w, ANIMATED))
        return scan_skip(w->s, c->padded);
    if (w->with_loop || c->size != ANIM_BYTES)
        return broken(w);
    w->with_loop = true;
    return copy_chunk(w, c);
}

/* --- what else an extended file has ----------------------------------------------------------- */

/* Flags, 3 bytes of zero, width - 1, height - 1. webp_clean() writes the flags at the end. */
static bool extended(struct webp *w, const struct chunk *c)
{
    uint8_t b[EXTENDED_BYTES];
    if (c->size != EXTENDED_BYTES)
        return broken(w);
    if (!scan_read(w->s, b, sizeof b) || !scan_size(w->s, le24(b + 4) + 1, le24(b + 7) + 1))
        return false;
    w->extended = true;
    w->told = b[0];
    w->flags = b[0] & (ANIMATED | WITH_ALPHA);
    memset(b, 0, 4);
    return scan_write(w->s, c->head, sizeof c->head) && scan_write(w->s, b, sizeof b);
}

static bool write_profile(struct webp *w, const struct icc *p)
{
    const uint8_t head[HEAD_BYTES] = {'I',
                                      'C',
                                      'C',
                                      'P',
                                      (uint8_t)p->size,
                                      (uint8_t)(p->size >> 8),
                                      (uint8_t)(p->size >> 16),
                                      (uint8_t)(p->size >> 24)};
    w->flags |= WITH_PROFILE; /* its size is even */
    return scan_write(w->s, head, sizeof head) && scan_write(w->s, p->at, p->size);
}

static bool clean_profile(struct webp *w, const struct chunk *c)
{
    struct icc clean = {0};
    uint8_t *bytes = malloc(c->padded + 1);
    if (bytes == NULL) {
        errno = ENOMEM;
        return scan_refuse(w->s, PICTURE_FAILED);
    }
    bool fine = scan_read(w->s, bytes, c->padded) && icc_clean(w->s, bytes, c->size, &clean) &&
                (clean.at == NULL || write_profile(w, &clean));
    free(bytes);
    icc_finish(&clean);
    return fine;
}

static bool profile(struct webp *w, const struct chunk *c)
{
    if (!told(w, WITH_PROFILE) || w->with_loop || w->s->found->frames > 0 ||
        (w->flags & WITH_PROFILE) != 0 || c->size > ICC_BYTES_MAX)
        return scan_skip(w->s, c->padded);
    return clean_profile(w, c);
}

/* Of EXIF nothing stays, nor the orientation: Chromium 156 does not turn a WebP, other decoders do,
 * and without it all show the same. */
static bool metadata(struct webp *w, const struct chunk *c)
{
    struct scan *s = w->s;
    size_t n;
    if (!scan_take(s, c->padded, &n))
        return false;
    s->found->located |=
        is(c, "XMP ") ? place_in_text(s->buffer, n) : exif_read(s->buffer, n).located;
    return true;
}

static bool chunk(struct webp *w, const struct chunk *c)
{
    if (is_image(c))
        return still_image(w, c);
    if (is(c, "ANMF"))
        return frame(w, c);
    if (is(c, "ALPH"))
        return w->extended && !told(w, ANIMATED) && w->s->found->frames == 0 ? alpha(w, c)
                                                                             : broken(w);
    if (is(c, "ANIM"))
        return loop(w, c);
    if (is(c, "ICCP"))
        return profile(w, c);
    if (is(c, "EXIF") || is(c, "XMP "))
        return metadata(w, c);
    return scan_skip(w->s, c->padded);
}

/* --- the whole -------------------------------------------------------------------------------- */

static bool header(struct webp *w)
{
    uint8_t b[RIFF_BYTES];
    if (!scan_read(w->s, b, sizeof b))
        return false;
    if (le32(b + 4) < 4)
        return broken(w);
    w->left = le32(b + 4) - 4;
    w->start = ftello(w->s->out);
    struct chunk c;
    if (!scan_write(w->s, b, sizeof b) || !open_chunk(w, &c, &w->left))
        return false;
    if (is(&c, "VP8X"))
        return extended(w, &c);
    return is_image(&c) ? still_image(w, &c) : broken(w);
}

bool webp_clean(struct scan *s)
{
    struct webp w = {.s = s};
    if (!header(&w))
        return false;
    while (w.left > 0) {
        struct chunk c;
        if (!open_chunk(&w, &c, &w.left) || !chunk(&w, &c))
            return false;
    }
    if (s->found->frames == 0 || w.with_alpha)
        return broken(&w);
    if (w.extended && !scan_amend(s, w.start + RIFF_BYTES + HEAD_BYTES, &w.flags, 1))
        return false;
    return write_number(&w, w.start + 4, (uint64_t)(ftello(s->out) - w.start - HEAD_BYTES));
}

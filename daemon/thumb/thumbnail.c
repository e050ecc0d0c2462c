/* thumbnail.c - see thumbnail.h. A codec makes a small draft in the picture's own colours; only
 * this is converted to sRGB, turned and encoded. */
#include "thumbnail.h"

#include "codec.h"
#include "colour.h"
#include "draft.h"
#include "orientation.h"
#include "thumbhash.h"

#include <stdlib.h>
#include <string.h>

#include <webp/encode.h>

#define QUALITY   80
#define NO_MEMORY "There is no memory for the thumbnail."

struct shown {
    uint8_t *rgba;
    unsigned width, height;
};

#define CODEC(file) &file##_codec,
static const struct codec *const codecs[] = {CODECS(CODEC)};

static const struct codec *codec_of(const char *mime)
{
    for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++)
        if (strcmp(codecs[i]->mime, mime) == 0)
            return codecs[i];
    return NULL;
}

static void write_base64url(char *to, const uint8_t *bytes, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned held = 0, bits = 0;
    for (size_t i = 0; i < n; i++) {
        held = held << 8 | bytes[i];
        for (bits += 8; bits >= 6; bits -= 6)
            *to++ = digits[held >> (bits - 6) & 63];
    }
    if (bits > 0)
        *to++ = digits[held << (6 - bits) & 63];
    *to = '\0';
}

static const char *write_preview(struct thumbnail *t, const struct shown *p)
{
    _Static_assert(PREVIEW_SIZE > (THUMBHASH_MAX * 4 + 2) / 3, "every hash fits");
    struct draft d = {.most_pixels = UINT64_MAX, .side = THUMBHASH_SIDE};
    uint8_t hash[THUMBHASH_MAX];
    const char *fault = draft_size(&d, p->width, p->height);
    if (fault == NULL && (fault = draft_begin(&d, p->width, p->height, 3, true)) == NULL) {
        for (unsigned y = 0; y < p->height; y++)
            draft_row(&d, p->rgba + (size_t)y * p->width * 4);
        write_base64url(t->preview, hash,
                        thumbhash_encode(hash, d.shrink.pixels, d.width, d.height));
    }
    draft_finish(&d);
    return fault;
}

/* The draft in sRGB, upright. */
static const char *show(const struct draft *d, struct shown *p)
{
    bool swaps = orientation_swaps(d->orientation);
    uint32_t *lying = calloc((size_t)d->width * d->height, sizeof *lying);
    uint32_t *upright = calloc((size_t)d->width * d->height, sizeof *upright);
    if (lying != NULL && upright != NULL) {
        colour_convert(d, (uint8_t *)lying);
        orientation_apply(d->orientation, lying, upright, d->width, d->height);
    }
    const char *fault = lying == NULL || upright == NULL ? NO_MEMORY : NULL;
    free(lying);
    p->rgba = (uint8_t *)upright;
    p->width = swaps ? d->height : d->width;
    p->height = swaps ? d->width : d->height;
    return fault;
}

static const char *encode(struct thumbnail *t, const struct shown *p)
{
    t->size = WebPEncodeRGBA(p->rgba, (int)p->width, (int)p->height, (int)p->width * 4, QUALITY,
                             &t->webp);
    return t->size > 0 ? NULL : NO_MEMORY;
}

static const char *finish(struct thumbnail *t, const struct draft *d)
{
    struct shown p = {0};
    const char *fault = show(d, &p);
    if (fault == NULL)
        fault = encode(t, &p);
    if (fault == NULL)
        fault = write_preview(t, &p);
    free(p.rgba);
    return fault;
}

const char *thumbnail_make(struct thumbnail *t, const char *mime, const uint8_t *picture,
                           size_t size, uint64_t most_pixels)
{
    const struct codec *codec = codec_of(mime);
    struct draft d = {.most_pixels = most_pixels, .side = THUMBNAIL_SIDE};
    *t = (struct thumbnail){0};
    if (codec == NULL)
        return "There is no codec for this type.";
    const char *fault = codec->read(&d, picture, size);
    if (fault == NULL && !draft_is_done(&d))
        fault = "The picture has rows missing.";
    if (fault == NULL)
        fault = finish(t, &d);
    if (fault != NULL)
        thumbnail_finish(t);
    draft_finish(&d);
    return fault;
}

void thumbnail_finish(struct thumbnail *t)
{
    WebPFree(t->webp);
    *t = (struct thumbnail){0};
}

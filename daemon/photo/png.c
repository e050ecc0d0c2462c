/* png.c - see png.h. */
#include "png.h"

#include "exif.h"
#include "icc.h"
#include "png_profile.h"
#include "png_text.h"
#include "scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define SIGNATURE_BYTES 8
#define HEAD_BYTES      8 /* size and type */
#define TYPE_BYTES      4
#define CRC_BYTES       4
#define INDEXED         3  /* colour type */
#define TEXTS_MAX       64 /* that are read: each may be packed, and unpacks to 64 KiB */

/* START --IHDR--> HEADER --PLTE--> PALETTE --IDAT--> DATA --another--> AFTER_DATA --IEND--> END
 * HEADER goes to DATA without a palette, DATA to END with nothing between. */
enum stage { START, HEADER, PALETTE, DATA, AFTER_DATA, END };

enum verdict { REFUSE, DROP, KEEP };

struct chunk {
    uint8_t head[HEAD_BYTES];
    uint32_t size;
    size_t loaded; /* how much of it is in the buffer */
    uLong crc;     /* of the type and of what is loaded */
};

struct png {
    struct scan *s;
    enum stage stage;
    uint8_t colour_type;
    unsigned seen;  /* a bit for each row of `kept` */
    unsigned texts; /* so far */
    bool turned;    /* by EXIF, wherever it stands */
    /* of a moving picture */
    bool moving;
    uint32_t frames_told;
    uint32_t sequence;   /* the next number of fcTL and fdAT */
    bool frame_is_empty; /* its fcTL was the last: data must follow */
    bool frame_is_open;  /* fdAT may follow */
};

/* The chunks for colours, transparency and size: each before the data, and once. Decoders ignore a
 * chunk that is out of place or has a wrong size (libpng), so it is dropped. sPLT is not in the
 * list: it has a free text, and browsers do not read it. */
enum when { BEFORE_DATA, BEFORE_PALETTE, AFTER_PALETTE };
static const struct rule {
    const char *type;
    uint32_t least, most; /* bytes */
    enum when when;
} kept[] = {
    /* clang-format off */
    { "gAMA",  4,         4, BEFORE_PALETTE },
    { "cHRM", 32,        32, BEFORE_PALETTE },
    { "sRGB",  1,         1, BEFORE_PALETTE },
    { "sBIT",  1,         4, BEFORE_PALETTE },
    { "iCCP",  4, ICC_BYTES_MAX, BEFORE_PALETTE },
    { "cICP",  4,         4, BEFORE_PALETTE },
    { "mDCV", 24,        24, BEFORE_PALETTE },
    { "cLLI",  8,         8, BEFORE_PALETTE },
    { "tRNS",  1,       256, AFTER_PALETTE },
    { "bKGD",  1,         6, AFTER_PALETTE },
    { "hIST",  2,       512, AFTER_PALETTE },
    { "pHYs",  9,         9, BEFORE_DATA },
    /* clang-format on */
};

static enum verdict refuse(struct png *p, enum picture_fault why)
{
    scan_refuse(p->s, why);
    return REFUSE;
}

static enum verdict keep_if(struct png *p, bool sound)
{
    return sound ? KEEP : refuse(p, PICTURE_BROKEN);
}

static bool is(const struct chunk *c, const char *type)
{
    return memcmp(c->head + TYPE_BYTES, type, TYPE_BYTES) == 0;
}

/* --- chunks that every PNG has ---------------------------------------------------------------- */

/* The combinations that the specification allows ("Allowed combinations of color type and bit
 * depth"). */
static bool depth_fits(uint8_t depth, uint8_t colour_type)
{
    switch (colour_type) {
    case 0: return depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
    case 3: return depth == 1 || depth == 2 || depth == 4 || depth == 8;
    case 2:
    case 4:
    case 6: return depth == 8 || depth == 16;
    default: return false;
    }
}

static enum verdict header(struct png *p, const struct chunk *c)
{
    const uint8_t *b =
        p->s->buffer; /* width, height, depth, colour, compression, filter, interlace */
    if (p->stage != START || c->size != 13 || !depth_fits(b[8], b[9]) || b[10] != 0 || b[11] != 0 ||
        b[12] > 1)
        return refuse(p, PICTURE_BROKEN);
    p->colour_type = b[9];
    p->stage = HEADER;
    return scan_size(p->s, be32(b), be32(b + 4)) ? KEEP : REFUSE;
}

static enum verdict palette(struct png *p, const struct chunk *c)
{
    bool allowed = p->stage == HEADER && (p->colour_type & 2) != 0;
    p->stage = PALETTE;
    return keep_if(p, allowed && c->size > 0 && c->size <= 768 && c->size % 3 == 0);
}

static enum verdict data(struct png *p, const struct chunk *c)
{
    (void)c;
    bool allowed = p->stage == DATA || p->stage == PALETTE ||
                   (p->stage == HEADER && p->colour_type != INDEXED);
    p->stage = DATA;
    p->frame_is_empty = false;
    return keep_if(p, allowed);
}

static enum verdict end(struct png *p, const struct chunk *c)
{
    bool allowed = p->stage == DATA || p->stage == AFTER_DATA;
    bool whole = !p->moving || (!p->frame_is_empty && p->s->found->frames == p->frames_told);
    if (!p->moving)
        p->s->found->frames = 1;
    p->stage = END;
    return keep_if(p, allowed && whole && c->size == 0);
}

/* --- chunks of a moving one ------------------------------------------------------------------- */

/* Without acTL before the data the picture stands still, and decoders ignore fcTL and fdAT. */
static enum verdict animation(struct png *p, const struct chunk *c)
{
    if (p->stage >= DATA)
        return DROP;
    if (p->moving || c->size != 8 || be32(p->s->buffer) == 0)
        return refuse(p, PICTURE_BROKEN);
    p->moving = true;
    p->frames_told = be32(p->s->buffer);
    return p->frames_told <= p->s->most->frames ? KEEP : refuse(p, PICTURE_TOO_BIG);
}

/* Sequence, width, height, x, y, delay (2 × 2 bytes), dispose, blend. An fcTL before IDAT makes a
 * frame of its data. */
static enum verdict frame_control(struct png *p, const struct chunk *c)
{
    const uint8_t *b = p->s->buffer;
    if (!p->moving)
        return DROP;
    if (c->size != 26 || be32(b) != p->sequence++ || p->frame_is_empty)
        return refuse(p, PICTURE_BROKEN);
    uint64_t width = be32(b + 4), height = be32(b + 8), x = be32(b + 12), y = be32(b + 16);
    uint64_t all_width = p->s->found->width, all_height = p->s->found->height;
    bool inside = width > 0 && height > 0 && x + width <= all_width && y + height <= all_height;
    bool covers = width == all_width && height == all_height;
    if (!inside || b[24] > 2 || b[25] > 1 || (p->stage < DATA && !covers))
        return refuse(p, PICTURE_BROKEN);
    p->frame_is_empty = true;
    p->frame_is_open = p->stage >= DATA;
    return scan_frame(p->s) ? KEEP : REFUSE;
}

static enum verdict frame_data(struct png *p, const struct chunk *c)
{
    if (!p->moving)
        return DROP;
    p->frame_is_empty = false;
    return keep_if(p, p->frame_is_open && c->size >= 4 && be32(p->s->buffer) == p->sequence++);
}

/* --- all others ------------------------------------------------------------------------------- */

static enum verdict metadata(struct png *p, const struct chunk *c)
{
    scan_exif(p->s, p->s->buffer, c->loaded);
    return DROP;
}

static enum verdict text(struct png *p, const struct chunk *c)
{
    if (p->texts++ < TEXTS_MAX)
        p->s->found->located |= png_text_located(c->head + TYPE_BYTES, p->s->buffer, c->loaded);
    return DROP;
}

static enum verdict other(struct png *p, const struct chunk *c)
{
    if ((c->head[TYPE_BYTES] & 0x20) ==
        0) /* a capital letter marks chunks that a decoder must know */
        return refuse(p, PICTURE_BROKEN);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        const struct rule *r = &kept[i];
        if (!is(c, r->type))
            continue;
        bool in_place =
            p->stage < DATA && (p->seen & 1u << i) == 0 &&
            (r->when != BEFORE_PALETTE || p->stage < PALETTE) &&
            (r->when != AFTER_PALETTE || p->stage == PALETTE || p->colour_type != INDEXED);
        if (!in_place || c->size < r->least || c->size > r->most)
            return DROP;
        p->seen |= 1u << i;
        return KEEP;
    }
    return DROP;
}

static enum verdict judge(struct png *p, const struct chunk *c)
{
    static const struct {
        const char *type;
        enum verdict (*judge)(struct png *p, const struct chunk *c);
    } rows[] = {
        {"IHDR", header},    {"PLTE", palette},       {"IDAT", data},       {"IEND", end},
        {"acTL", animation}, {"fcTL", frame_control}, {"fdAT", frame_data}, {"eXIf", metadata},
        {"tEXt", text},      {"zTXt", text},          {"iTXt", text},
    };
    if (p->stage == START && !is(c, "IHDR"))
        return refuse(p, PICTURE_BROKEN);
    if (p->stage == DATA && !is(c, "IDAT"))
        p->stage = AFTER_DATA;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (is(c, rows[i].type))
            return rows[i].judge(p, c);
    return other(p, c);
}

/* --- the way from chunk to chunk -------------------------------------------------------------- */

/* Reads the head, and of the content what the buffer holds. */
static bool load(struct png *p, struct chunk *c)
{
    *c = (struct chunk){0};
    if (!scan_read(p->s, c->head, sizeof c->head))
        return false;
    c->size = be32(c->head);
    if (c->size > INT32_MAX)
        return scan_refuse(p->s, PICTURE_BROKEN);
    c->loaded = c->size < SCAN_BYTES ? c->size : SCAN_BYTES;
    if (!scan_read(p->s, p->s->buffer, c->loaded))
        return false;
    c->crc = crc32(0, c->head + TYPE_BYTES, TYPE_BYTES);
    c->crc = crc32(c->crc, p->s->buffer, (uInt)c->loaded);
    return true;
}

/* Reads on to the chunk's end, writes the chunk if it is kept, and checks its sum. */
static bool pass(struct png *p, const struct chunk *c, bool keep)
{
    struct scan *s = p->s;
    uLong crc = c->crc;
    uint8_t sum[CRC_BYTES];
    if (keep && (!scan_write(s, c->head, sizeof c->head) || !scan_write(s, s->buffer, c->loaded)))
        return false;
    for (size_t left = c->size - c->loaded, n; left > 0; left -= n) {
        n = left < SCAN_BYTES ? left : SCAN_BYTES;
        if (!scan_read(s, s->buffer, n) || (keep && !scan_write(s, s->buffer, n)))
            return false;
        crc = crc32(crc, s->buffer, (uInt)n);
    }
    if (!scan_read(s, sum, sizeof sum))
        return false;
    if (be32(sum) != crc)
        return scan_refuse(s, PICTURE_BROKEN);
    return !keep || scan_write(s, sum, sizeof sum);
}

/* EXIF may stand behind the data, where a browser does not look for it, because it shows a picture
 * while it loads (Chromium 156). So the orientation is read in advance, and written before the
 * data. */
static bool look_ahead(struct png *p)
{
    struct scan *s = p->s;
    struct chunk c = {.size = 0};
    while (fread(c.head, sizeof c.head, 1, s->in) == 1 && !is(&c, "IEND")) {
        c.size = be32(c.head);
        if (is(&c, "eXIf")) {
            c.loaded = fread(s->buffer, 1, c.size < SCAN_BYTES ? c.size : SCAN_BYTES, s->in);
            p->turned = scan_exif(s, s->buffer, c.loaded);
            break;
        }
        if (fseeko(s->in, (off_t)c.size + CRC_BYTES, SEEK_CUR) != 0)
            break;
    }
    return fseeko(s->in, SIGNATURE_BYTES, SEEK_SET) == 0 || scan_refuse(s, PICTURE_FAILED);
}

static bool write_chunk(struct png *p, const char type[TYPE_BYTES], const uint8_t *bytes, size_t n)
{
    uint8_t head[HEAD_BYTES] = {(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8),
                                (uint8_t)n};
    memcpy(head + TYPE_BYTES, type, TYPE_BYTES);
    uLong crc = crc32(crc32(0, head + TYPE_BYTES, TYPE_BYTES), bytes, (uInt)n);
    uint8_t tail[CRC_BYTES] = {(uint8_t)(crc >> 24), (uint8_t)(crc >> 16), (uint8_t)(crc >> 8),
                               (uint8_t)crc};
    return scan_write(p->s, head, sizeof head) && scan_write(p->s, bytes, n) &&
           scan_write(p->s, tail, sizeof tail);
}

static bool no_memory(struct png *p)
{
    errno = ENOMEM;
    return scan_refuse(p->s, PICTURE_FAILED);
}

static bool write_profile(struct png *p, const struct icc *clean)
{
    size_t n;
    uint8_t *content = png_profile_write(clean, &n);
    bool fine = content == NULL ? no_memory(p) : write_chunk(p, "iCCP", content, n);
    free(content);
    return fine;
}

static bool clean_profile(struct png *p, const uint8_t *content, size_t n)
{
    struct icc clean = {0};
    bool fine = png_profile_clean(p->s, content, n, &clean) &&
                (clean.at == NULL || write_profile(p, &clean));
    icc_finish(&clean);
    return fine;
}

/* In place of pass(): the whole chunk is read, and what stays of its profile is written. */
static bool profile(struct png *p, const struct chunk *c)
{
    struct scan *s = p->s;
    uint8_t sum[CRC_BYTES], *content = malloc(c->size);
    if (content == NULL)
        return no_memory(p);
    memcpy(content, s->buffer, c->loaded);
    bool fine =
        scan_read(s, content + c->loaded, c->size - c->loaded) && scan_read(s, sum, sizeof sum);
    if (fine && be32(sum) != crc32(c->crc, content + c->loaded, (uInt)(c->size - c->loaded)))
        fine = scan_refuse(s, PICTURE_BROKEN);
    fine = fine && clean_profile(p, content, c->size);
    free(content);
    return fine;
}

static bool write_exif(struct png *p)
{
    struct exif_minimal e = exif_minimal(p->s->found->orientation);
    return write_chunk(p, "eXIf", e.at, sizeof e.at);
}

bool png_clean(struct scan *s)
{
    struct png p = {.s = s};
    if (!scan_copy(s, SIGNATURE_BYTES) || !look_ahead(&p))
        return false;
    while (p.stage != END) {
        struct chunk c;
        if (!load(&p, &c))
            return false;
        enum verdict v = judge(&p, &c);
        bool read =
            v == KEEP && is(&c, "iCCP") ? profile(&p, &c) : v != REFUSE && pass(&p, &c, v == KEEP);
        if (!read)
            return false;
        if (p.turned && is(&c, "IHDR") && !write_exif(&p))
            return false;
    }
    return true;
}

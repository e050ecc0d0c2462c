/* icc.c - see icc.h. Each tag is kept only if it has one of the types that it may have, and with as
 * many bytes as that type says: nothing hides behind it. Only the elements of "mAB " and "mBA " may
 * lie anywhere within it. */
#include "icc.h"

#include "exif.h"
#include "place.h"
#include "scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_BYTES 128
#define ENTRY_BYTES  12 /* name, offset, size */
#define TABLE_AT     (HEADER_BYTES + 4)
#define ENTRIES_MAX  100
#define NAMES        2    /* tags that every profile must have: description and copyright */
#define ROOM_BYTES   1024 /* for header, table and names of the copy */

/* A tag of the profile. size 0: there is none. */
struct tag {
    const uint8_t *at;
    size_t size;
};

static bool is(const uint8_t *at, const char *name) { return memcmp(at, name, 4) == 0; }

/* --- the bytes of a type ---------------------------------------------------------------------- */

/* 0: not of this type. Every type begins with its name and four zeros. */

static size_t xyz_bytes(const struct tag *t) { return is(t->at, "XYZ ") ? 20 : 0; }

static size_t matrix_bytes(const struct tag *t) { return is(t->at, "sf32") ? 44 : 0; }

static size_t code_points_bytes(const struct tag *t) { return is(t->at, "cicp") ? 12 : 0; }

static size_t curve_bytes(const struct tag *t)
{
    static const uint8_t parameters[] = {1, 3, 4, 5, 7};
    if (is(t->at, "curv"))
        return 12 + 2 * (size_t)be32(t->at + 8);
    if (is(t->at, "para") && be16(t->at + 8) < sizeof parameters)
        return 12 + 4 * (size_t)parameters[be16(t->at + 8)];
    return 0;
}

/* Curves of the inputs, a grid of outputs, curves of the outputs. */
static size_t grid_bytes(const struct tag *t, size_t head, size_t width, size_t in, size_t out)
{
    unsigned inputs = t->at[8], outputs = t->at[9];
    size_t grid = outputs;
    if (inputs == 0 || inputs > 4 || outputs == 0 || outputs > 4)
        return 0;
    for (unsigned i = 0; i < inputs; i++)
        grid *= t->at[10]; /* below 2^34 */
    return head + width * (in * inputs + grid + out * outputs);
}

static size_t table_bytes(const struct tag *t)
{
    if (is(t->at, "mft1"))
        return grid_bytes(t, 48, 1, 256, 256);
    if (is(t->at, "mft2") && t->size >= 52)
        return grid_bytes(t, 52, 2, be16(t->at + 48), be16(t->at + 50));
    return (is(t->at, "mAB ") || is(t->at, "mBA ")) && t->size >= 32 ? t->size : 0;
}

static const struct rule {
    const char *name;
    size_t (*bytes)(const struct tag *t);
} kept[] = {
    {"rXYZ", xyz_bytes},         {"gXYZ", xyz_bytes},   {"bXYZ", xyz_bytes},
    {"rTRC", curve_bytes},       {"gTRC", curve_bytes}, {"bTRC", curve_bytes},
    {"kTRC", curve_bytes},       {"wtpt", xyz_bytes},   {"chad", matrix_bytes},
    {"cicp", code_points_bytes}, {"A2B0", table_bytes}, {"A2B1", table_bytes},
    {"A2B2", table_bytes},       {"B2A0", table_bytes}, {"B2A1", table_bytes},
    {"B2A2", table_bytes},
};
#define KEPT (sizeof kept / sizeof *kept)
enum { RED, RED_CURVE = 3, GREY_CURVE = 6, TABLE = 10 }; /* in `kept` */

/* --- what the profile has --------------------------------------------------------------------- */

static bool is_one_of(const uint8_t *at, const char *names)
{
    for (; *names != '\0'; names += 4)
        if (is(at, names))
            return true;
    return false;
}

/* Of a screen, a camera, a printer or a colour space, for colours that pictures have. */
static bool is_profile(const uint8_t *p, size_t n)
{
    return n >= TABLE_AT && be32(p) >= TABLE_AT && be32(p) <= n && is(p + 36, "acsp") &&
           is_one_of(p + 12, "mntrscnrprtrspac") && is_one_of(p + 16, "RGB GRAYCMYK") &&
           is_one_of(p + 20, "XYZ Lab ") && be32(p + HEADER_BYTES) <= ENTRIES_MAX &&
           TABLE_AT + ENTRY_BYTES * be32(p + HEADER_BYTES) <= be32(p);
}

static struct tag find(const uint8_t *profile, const struct rule *r)
{
    const uint8_t *entry = profile + TABLE_AT;
    for (uint32_t i = be32(profile + HEADER_BYTES); i > 0; i--, entry += ENTRY_BYTES) {
        uint32_t at = be32(entry + 4), size = be32(entry + 8);
        if (!is(entry, r->name) || at < TABLE_AT || at > be32(profile) ||
            size > be32(profile) - at || size < 12)
            continue;
        struct tag t = {profile + at, size};
        size_t bytes = r->bytes(&t);
        return bytes == 0 || bytes > size ? (struct tag){0} : (struct tag){t.at, bytes};
    }
    return (struct tag){0};
}

static bool has(const struct tag *tags, unsigned first, unsigned n)
{
    for (unsigned i = first; i < first + n; i++)
        if (tags[i].size == 0)
            return false;
    return true;
}

/* Whether a decoder can tell colours by these tags. */
static bool is_enough(const uint8_t *profile, const struct tag *tags)
{
    if (has(tags, TABLE, 1))
        return true;
    return is(profile + 16, "GRAY")   ? has(tags, GREY_CURVE, 1)
           : is(profile + 16, "RGB ") ? has(tags, RED, 3) && has(tags, RED_CURVE, 3)
                                      : false;
}

/* --- the copy --------------------------------------------------------------------------------- */

/* "colour", as versions 2 and 4 write names. */
static const uint8_t description_2[97] = "desc\0\0\0\0\0\0\0\x07"
                                         "colour",
                     copyright_2[15] = "text\0\0\0\0colour",
                     name_4[] = "mluc\0\0\0\0\0\0\0\x01\0\0\0\x0c"
                                "enUS\0\0\0\x0c\0\0\0\x1c\0c\0o\0l\0o\0u\0r";

static void put32(uint8_t *to, size_t n)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(n >> (24 - 8 * i));
}

/* Version, class, colours and intent; 1 January 2000, seen by daylight. */
static void write_header(uint8_t *to, const uint8_t *from)
{
    static const uint8_t date[] = {0x07, 0xd0, 0, 1, 0, 1},
                         daylight[] = {0, 0, 0xf6, 0xd6, 0, 1, 0, 0, 0, 0, 0xd3, 0x2d};
    memset(to, 0, HEADER_BYTES);
    memcpy(to + 8, from + 8, 2);
    memcpy(to + 12, from + 12, 12);
    memcpy(to + 24, date, sizeof date);
    memcpy(to + 36, "acsp", 4);
    to[67] = from[67] & 3;
    memcpy(to + 68, daylight, sizeof daylight);
}

struct copy {
    struct icc out;
    size_t most;
    uint32_t count;
};

/* Tags of the same bytes, as the three curves mostly are, share them. */
static size_t find_same(const struct copy *c, const uint8_t *bytes, size_t n)
{
    const uint8_t *entry = c->out.at + TABLE_AT;
    for (uint32_t i = 0; i < c->count; i++, entry += ENTRY_BYTES)
        if (be32(entry + 8) == n && memcmp(c->out.at + be32(entry + 4), bytes, n) == 0)
            return be32(entry + 4);
    return 0;
}

static bool add(struct copy *c, const char *name, const uint8_t *bytes, size_t n)
{
    uint8_t *entry = c->out.at + TABLE_AT + ENTRY_BYTES * c->count;
    size_t at = find_same(c, bytes, n), padded = (n + 3) & ~(size_t)3;
    if (at == 0 && padded > c->most - c->out.size)
        return false;
    if (at == 0) {
        at = c->out.size;
        memcpy(c->out.at + at, bytes, n);
        c->out.size += padded;
    }
    memcpy(entry, name, 4);
    put32(entry + 4, at);
    put32(entry + 8, n);
    c->count++;
    return true;
}

static bool add_names(struct copy *c)
{
    if (c->out.at[8] >= 4)
        return add(c, "desc", name_4, sizeof name_4) && add(c, "cprt", name_4, sizeof name_4);
    return add(c, "desc", description_2, sizeof description_2) &&
           add(c, "cprt", copyright_2, sizeof copyright_2);
}

static bool fill(struct copy *c, const uint8_t *profile, const struct tag *tags)
{
    size_t kept_tags = 0;
    for (size_t i = 0; i < KEPT; i++)
        kept_tags += tags[i].size > 0;
    write_header(c->out.at, profile);
    c->out.size = TABLE_AT + ENTRY_BYTES * (kept_tags + NAMES);
    bool fits = add_names(c);
    for (size_t i = 0; i < KEPT && fits; i++)
        fits = tags[i].size == 0 || add(c, kept[i].name, tags[i].at, tags[i].size);
    put32(c->out.at, c->out.size);
    put32(c->out.at + HEADER_BYTES, c->count);
    return fits && !place_in_text(c->out.at, c->out.size);
}

/* EXIF in place of a profile, or in a tag of its own. */
static bool is_located(const uint8_t *bytes, size_t n)
{
    if (place_in_text(bytes, n) || exif_read(bytes, n).located)
        return true;
    if (!is_profile(bytes, n))
        return false;
    const uint8_t *entry = bytes + TABLE_AT;
    for (uint32_t i = be32(bytes + HEADER_BYTES); i > 0; i--, entry += ENTRY_BYTES) {
        size_t at = be32(entry + 4), size = be32(entry + 8);
        if (at <= n && size <= n - at &&
            (exif_read(bytes + at, size).located ||
             (size > 8 && exif_read(bytes + at + 8, size - 8).located)))
            return true;
    }
    return false;
}

bool icc_clean(struct scan *s, const uint8_t *bytes, size_t n, struct icc *out)
{
    struct tag tags[KEPT] = {0};
    *out = (struct icc){0};
    s->found->located |= is_located(bytes, n);
    if (!is_profile(bytes, n))
        return true;
    for (size_t i = 0; i < KEPT; i++)
        tags[i] = find(bytes, &kept[i]);
    if (!is_enough(bytes, tags))
        return true;
    struct copy c = {.out.at = calloc(1, n + ROOM_BYTES), .most = n + ROOM_BYTES};
    if (c.out.at == NULL) {
        errno = ENOMEM;
        return scan_refuse(s, PICTURE_FAILED);
    }
    if (fill(&c, bytes, tags))
        *out = c.out;
    else
        free(c.out.at);
    return true;
}

void icc_finish(struct icc *i)
{
    free(i->at);
    *i = (struct icc){0};
}

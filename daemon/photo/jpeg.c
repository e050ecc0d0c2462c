/* jpeg.c - see jpeg.h. */
#include "jpeg.h"

#include "exif.h"
#include "icc.h"
#include "place.h"
#include "scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Markers (T.81, table B.1): the second byte, after 0xff. */
enum {
    BASELINE = 0xc0,
    EXTENDED = 0xc1,
    PROGRESSIVE = 0xc2,
    HUFFMAN_TABLES = 0xc4,
    LAST_FRAME = 0xcf,
    RESTART_0 = 0xd0,
    RESTART_7 = 0xd7,
    START = 0xd8,
    END = 0xd9,
    SCAN = 0xda,
    QUANTIZATION = 0xdb,
    RESTART_INTERVAL = 0xdd,
    APPLICATION_0 = 0xe0,
    EXIF_XMP = 0xe1,
    ICC_MPF = 0xe2,
    PHOTOSHOP = 0xed,
    ADOBE = 0xee,
    APPLICATION_15 = 0xef,
    COMMENT = 0xfe,
};

/* Encoders make about 10. Each costs a decoder a pass over all pixels: all together may cost as
 * much as SCANS_LARGEST passes over the largest picture. */
#define SCANS_MAX       100
#define SCANS_LARGEST   20
#define COMPONENTS_MAX  4
#define JFIF_BYTES      14
#define ADOBE_BYTES     12
#define ICC_HEAD        "ICC_PROFILE"
#define ICC_HEAD_BYTES  14 /* with its number and the count of all */
#define ICC_PIECE_BYTES 65519
#define PHOTOSHOP_HEAD  "Photoshop 3.0"

struct jpeg {
    struct scan *s;
    size_t size;         /* of the segment in s->buffer, without marker and length */
    unsigned components; /* 0: no frame header yet */
    unsigned scans;
    unsigned profile_pieces, profile_pieces_all;
    struct icc profile; /* its pieces so far */
    bool jfif;
};

static bool broken(struct jpeg *j) { return scan_refuse(j->s, PICTURE_BROKEN); }

static bool begins_with(const struct jpeg *j, const char *head, size_t n)
{
    return j->size >= n && memcmp(j->s->buffer, head, n) == 0;
}

static bool write_segment(struct jpeg *j, unsigned marker, const void *bytes, size_t n)
{
    uint8_t head[] = {0xff, (uint8_t)marker, (uint8_t)((n + 2) >> 8), (uint8_t)(n + 2)};
    return scan_write(j->s, head, sizeof head) && scan_write(j->s, bytes, n);
}

static bool keep(struct jpeg *j, unsigned marker)
{
    return write_segment(j, marker, j->s->buffer, j->size);
}

/* --- application segments --------------------------------------------------------------------- */

/* Keeps the first JFIF segment with the density of pixels, without its thumbnail. */
static bool jfif(struct jpeg *j)
{
    if (j->jfif || !begins_with(j, "JFIF", 5) || j->size < JFIF_BYTES)
        return true;
    j->jfif = true;
    memset(j->s->buffer + JFIF_BYTES - 2, 0, 2); /* the thumbnail's size */
    return write_segment(j, APPLICATION_0, j->s->buffer, JFIF_BYTES);
}

static bool exif_or_xmp(struct jpeg *j)
{
    struct scan *s = j->s;
    if (!begins_with(j, EXIF_PREFIX, EXIF_PREFIX_BYTES)) {
        s->found->located |= place_in_text(s->buffer, j->size);
        return true;
    }
    if (!scan_exif(s, s->buffer, j->size))
        return true;
    struct exif_minimal e = exif_minimal(s->found->orientation);
    uint8_t bytes[EXIF_PREFIX_BYTES + EXIF_MINIMAL_BYTES] = EXIF_PREFIX;
    memcpy(bytes + EXIF_PREFIX_BYTES, e.at, sizeof e.at);
    return write_segment(j, EXIF_XMP, bytes, sizeof bytes);
}

/* What is too long for any profile is dropped at the end. */
static bool add_piece(struct jpeg *j)
{
    size_t n = j->size - ICC_HEAD_BYTES, size = j->profile.size;
    if (size > ICC_BYTES_MAX)
        return true;
    uint8_t *more = realloc(j->profile.at, size + n + 1);
    if (more == NULL) {
        errno = ENOMEM;
        return scan_refuse(j->s, PICTURE_FAILED);
    }
    memcpy(more + size, j->s->buffer + ICC_HEAD_BYTES, n);
    j->profile = (struct icc){more, size + n};
    return true;
}

static bool write_profile(struct jpeg *j, const struct icc *p)
{
    uint8_t *piece = j->s->buffer;
    size_t all = (p->size + ICC_PIECE_BYTES - 1) / ICC_PIECE_BYTES;
    bool fine = true;
    for (size_t i = 0; i < all && fine; i++) {
        size_t rest = p->size - i * ICC_PIECE_BYTES;
        size_t n = rest < ICC_PIECE_BYTES ? rest : ICC_PIECE_BYTES;
        memcpy(piece, ICC_HEAD, sizeof ICC_HEAD);
        piece[ICC_HEAD_BYTES - 2] = (uint8_t)(i + 1);
        piece[ICC_HEAD_BYTES - 1] = (uint8_t)all;
        memcpy(piece + ICC_HEAD_BYTES, p->at + i * ICC_PIECE_BYTES, n);
        fine = write_segment(j, ICC_MPF, piece, ICC_HEAD_BYTES + n);
    }
    return fine;
}

static bool clean_profile(struct jpeg *j)
{
    struct icc clean = {0};
    bool fine =
        j->profile.size > ICC_BYTES_MAX || icc_clean(j->s, j->profile.at, j->profile.size, &clean);
    fine = fine && write_profile(j, &clean);
    icc_finish(&clean);
    return fine;
}

/* Gathers the pieces of a colour profile if they are whole and in order. Programs disagree about
 * the colours of a picture with half a profile, so it is refused. */
static bool profile(struct jpeg *j)
{
    if (!begins_with(j, ICC_HEAD, sizeof ICC_HEAD))
        return true;
    if (j->size < ICC_HEAD_BYTES)
        return broken(j);
    unsigned number = j->s->buffer[ICC_HEAD_BYTES - 2], all = j->s->buffer[ICC_HEAD_BYTES - 1];
    if (number != ++j->profile_pieces || number > all ||
        (number > 1 && all != j->profile_pieces_all))
        return broken(j);
    j->profile_pieces_all = all;
    return add_piece(j) && (number < all || clean_profile(j));
}

/* Decoders tell YCbCr from RGB, and YCCK from CMYK, by this segment. */
static bool adobe(struct jpeg *j)
{
    if (!begins_with(j, "Adobe", 5) || j->size < ADOBE_BYTES)
        return true;
    return write_segment(j, ADOBE, j->s->buffer, ADOBE_BYTES);
}

static bool application(struct jpeg *j, unsigned marker)
{
    size_t head = sizeof PHOTOSHOP_HEAD;
    if (marker == PHOTOSHOP && begins_with(j, PHOTOSHOP_HEAD, head))
        j->s->found->located |= place_in_photoshop(j->s->buffer + head, j->size - head);
    if (j->scans > 0) /* decoders read these segments before the first scan only */
        return true;
    switch (marker) {
    case APPLICATION_0: return jfif(j);
    case EXIF_XMP: return exif_or_xmp(j);
    case ICC_MPF: return profile(j);
    case ADOBE: return adobe(j);
    default: return true;
    }
}

/* --- frame, tables, scans --------------------------------------------------------------------- */

/* Bits, height, width, components. If the height is 0, a DNL segment would have to give it, and
 * browsers do not read that. */
static bool frame(struct jpeg *j, unsigned marker)
{
    const uint8_t *p = j->s->buffer;
    if (j->components > 0 || j->size < 6 || j->size != 6 + 3 * (size_t)p[5])
        return broken(j);
    if (p[0] != 8 || p[5] == 2)
        return scan_refuse(j->s, PICTURE_UNKNOWN);
    if (p[5] == 0 || p[5] > COMPONENTS_MAX)
        return broken(j);
    j->components = p[5];
    return scan_size(j->s, be16(p + 3), be16(p + 1)) && keep(j, marker);
}

/* Whole tables: 64 numbers of one byte or two. */
static bool quantization(struct jpeg *j)
{
    size_t at = 0;
    while (at < j->size)
        at += j->s->buffer[at] >> 4 == 0 ? 65 : 129;
    return at == j->size ? keep(j, QUANTIZATION) : broken(j);
}

/* Whole tables: 16 counts, and as many bytes as they say. */
static bool huffman(struct jpeg *j)
{
    size_t at = 0;
    while (j->size - at >= 17) {
        size_t codes = 0;
        for (size_t i = 1; i <= 16; i++)
            codes += j->s->buffer[at + i];
        at += 17 + codes;
        if (at > j->size)
            return broken(j);
    }
    return at == j->size ? keep(j, HUFFMAN_TABLES) : broken(j);
}

static bool restart_interval(struct jpeg *j)
{
    return j->size == 2 ? keep(j, RESTART_INTERVAL) : broken(j);
}

static bool costs_too_much(const struct jpeg *j)
{
    const struct picture *p = j->s->found;
    uint64_t pixels = (uint64_t)p->width * p->height;
    return j->scans * pixels > SCANS_LARGEST * j->s->most->pixels;
}

static bool scan_header(struct jpeg *j)
{
    unsigned components = j->size == 0 ? 0 : j->s->buffer[0];
    if (components == 0 || components > j->components || j->size != 4 + 2 * (size_t)components)
        return broken(j);
    if (++j->scans > SCANS_MAX || j->profile_pieces != j->profile_pieces_all)
        return broken(j);
    if (costs_too_much(j))
        return scan_refuse(j->s, PICTURE_TOO_BIG);
    return keep(j, SCAN);
}

/* --- the way from marker to marker ------------------------------------------------------------ */

/* The next byte; -1: fault. */
static int next(struct jpeg *j)
{
    int c = getc_unlocked(j->s->in);
    if (c == EOF)
        scan_refuse(j->s, ferror(j->s->in) ? PICTURE_FAILED : PICTURE_BROKEN);
    return c;
}

/* After 0xff: skips more of them, which are fill bytes, and returns the byte behind; -1: fault. */
static int after_fill(struct jpeg *j)
{
    int c;
    do
        c = next(j);
    while (c == 0xff);
    return c;
}

/* The next marker; -1: fault. */
static int next_marker(struct jpeg *j)
{
    int c = next(j);
    if (c == 0xff)
        return after_fill(j);
    if (c >= 0)
        broken(j);
    return -1;
}

/* Copies a scan's codes, with restart markers, up to the marker that ends them, and returns it; -1:
 * fault. */
static int codes(struct jpeg *j)
{
    FILE *out = j->s->out;
    for (int c = next(j); c >= 0; c = next(j)) {
        if (c != 0xff) {
            putc_unlocked(c, out);
            continue;
        }
        if ((c = after_fill(j)) != 0 && (c < RESTART_0 || c > RESTART_7))
            return c;
        putc_unlocked(0xff, out);
        putc_unlocked(c, out);
    }
    return -1;
}

/* Whether a segment with this marker may stand in a JPEG that browsers show. */
static bool is_known(struct jpeg *j, unsigned marker)
{
    if ((marker >= BASELINE && marker <= PROGRESSIVE) || marker == HUFFMAN_TABLES)
        return true;
    if (marker >= BASELINE && marker <= LAST_FRAME) /* lossless, hierarchical, arithmetic codes */
        return scan_refuse(j->s, PICTURE_UNKNOWN);
    return marker == SCAN || marker == QUANTIZATION || marker == RESTART_INTERVAL ||
           marker == COMMENT || (marker >= APPLICATION_0 && marker <= APPLICATION_15) || broken(j);
}

static bool read_segment(struct jpeg *j)
{
    uint8_t length[2];
    if (!scan_read(j->s, length, sizeof length))
        return false;
    if (be16(length) < sizeof length)
        return broken(j);
    j->size = be16(length) - sizeof length;
    return scan_read(j->s, j->s->buffer, j->size);
}

static bool segment(struct jpeg *j, unsigned marker)
{
    if (!is_known(j, marker) || !read_segment(j))
        return false;
    switch (marker) {
    case BASELINE:
    case EXTENDED:
    case PROGRESSIVE: return frame(j, marker);
    case HUFFMAN_TABLES: return huffman(j);
    case QUANTIZATION: return quantization(j);
    case RESTART_INTERVAL: return restart_interval(j);
    case SCAN: return scan_header(j);
    case COMMENT: return true;
    default: return application(j, marker);
    }
}

static bool clean(struct jpeg *j)
{
    static const uint8_t start[] = {0xff, START}, end[] = {0xff, END};
    struct scan *s = j->s;
    uint8_t first[sizeof start];
    if (!scan_read(s, first, sizeof first) || !scan_write(s, start, sizeof start) || !scan_frame(s))
        return false;
    int marker = next_marker(j);
    while (marker != END) {
        if (marker < 0 || !segment(j, (unsigned)marker))
            return false;
        marker = marker == SCAN ? codes(j) : next_marker(j);
    }
    if (j->scans == 0)
        return broken(j);
    if (ferror(s->out))
        return scan_refuse(s, PICTURE_FAILED);
    return scan_write(s, end, sizeof end);
}

bool jpeg_clean(struct scan *s)
{
    struct jpeg j = {.s = s};
    bool fine = clean(&j);
    icc_finish(&j.profile);
    return fine;
}

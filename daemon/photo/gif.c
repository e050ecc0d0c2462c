/* gif.c - see gif.h. */
#include "gif.h"

#include "place.h"
#include "scan.h"

#include <string.h>

/* What begins a block (GIF89a, appendix A), and the label of an extension. */
enum { IMAGE = 0x2c, EXTENSION = 0x21, TRAILER = 0x3b };
enum { GRAPHIC_CONTROL = 0xf9, APPLICATION = 0xff };

#define HEADER_BYTES      6
#define SCREEN_BYTES      7
#define IMAGE_BYTES       9
#define CONTROL_BYTES     4
#define APPLICATION_BYTES 11
#define BLOCK_BYTES_MAX   255
#define CODE_BITS_MAX     8

struct gif {
    struct scan *s;
    uint8_t control[CONTROL_BYTES]; /* for the next image */
    bool controlled, looped;
};

static bool broken(struct gif *g) { return scan_refuse(g->s, PICTURE_BROKEN); }

/* A block is a size and as many bytes; a size of 0 ends the row of blocks. */
static bool read_block(struct gif *g, uint8_t block[BLOCK_BYTES_MAX], uint8_t *size_out)
{
    return scan_read(g->s, size_out, 1) && scan_read(g->s, block, *size_out);
}

static bool skip_blocks(struct gif *g)
{
    uint8_t block[BLOCK_BYTES_MAX], size = 1;
    while (size > 0)
        if (!read_block(g, block, &size))
            return false;
    return true;
}

static bool copy_blocks(struct gif *g)
{
    uint8_t block[BLOCK_BYTES_MAX], size = 1;
    while (size > 0)
        if (!read_block(g, block, &size) || !scan_write(g->s, &size, 1) ||
            !scan_write(g->s, block, size))
            return false;
    return true;
}

/* Bit 7 says that a table of colours follows, bits 0 to 2 give its size. */
static bool copy_colours(struct gif *g, uint8_t flags)
{
    return (flags & 0x80) == 0 || scan_copy(g->s, 3u << ((flags & 7) + 1));
}

/* --- extensions ------------------------------------------------------------------------------- */

static bool graphic_control(struct gif *g)
{
    uint8_t block[BLOCK_BYTES_MAX], size;
    if (!read_block(g, block, &size))
        return false;
    if (size != CONTROL_BYTES)
        return broken(g);
    memcpy(g->control, block, CONTROL_BYTES);
    g->controlled = true;
    return skip_blocks(g);
}

/* Keeps the first block {1, count in two bytes}: how often a moving picture runs. */
static bool looping(struct gif *g, const uint8_t name[APPLICATION_BYTES])
{
    uint8_t block[BLOCK_BYTES_MAX], size;
    if (!read_block(g, block, &size))
        return false;
    if (size == 0)
        return true;
    if (size == 3 && block[0] == 1 && !g->looped) {
        uint8_t head[] = {EXTENSION, APPLICATION, APPLICATION_BYTES}, end = 0;
        g->looped = true;
        if (!scan_write(g->s, head, sizeof head) || !scan_write(g->s, name, APPLICATION_BYTES) ||
            !scan_write(g->s, &size, 1) || !scan_write(g->s, block, size) ||
            !scan_write(g->s, &end, 1))
            return false;
    }
    return skip_blocks(g);
}

/* XMP is a text whose bytes serve as the sizes of its own blocks (XMP part 3, GIF), so it is
 * searched with them: `size` is the first. */
static bool foreign(struct gif *g)
{
    struct scan *s = g->s;
    size_t n = 0;
    uint8_t block[BLOCK_BYTES_MAX], size = 1;
    while (size > 0) {
        if (!read_block(g, block, &size))
            return false;
        if (n + 1 + size <= SCAN_BYTES) {
            s->buffer[n] = size;
            memcpy(s->buffer + n + 1, block, size);
            n += 1 + (size_t)size;
        }
    }
    s->found->located |= place_in_text(s->buffer, n);
    return true;
}

static bool application(struct gif *g)
{
    uint8_t name[BLOCK_BYTES_MAX], size;
    if (!read_block(g, name, &size))
        return false;
    if (size == 0)
        return true;
    if (size == APPLICATION_BYTES && (memcmp(name, "NETSCAPE2.0", APPLICATION_BYTES) == 0 ||
                                      memcmp(name, "ANIMEXTS1.0", APPLICATION_BYTES) == 0))
        return looping(g, name);
    return foreign(g);
}

static bool extension(struct gif *g)
{
    uint8_t label;
    if (!scan_read(g->s, &label, 1))
        return false;
    switch (label) {
    case GRAPHIC_CONTROL: return graphic_control(g);
    case APPLICATION: return application(g);
    default: return skip_blocks(g); /* a comment, a text */
    }
}

/* --- images ----------------------------------------------------------------------------------- */

/* A frame may reach beyond the canvas. Decoders make room for it, so the limit holds there, too. */
static bool fits(struct gif *g, const uint8_t image[IMAGE_BYTES])
{
    uint64_t right = le16(image) + (uint64_t)le16(image + 4);
    uint64_t bottom = le16(image + 2) + (uint64_t)le16(image + 6);
    if (le16(image + 4) == 0 || le16(image + 6) == 0)
        return broken(g);
    return right * bottom <= g->s->most->pixels || scan_refuse(g->s, PICTURE_TOO_BIG);
}

static bool write_control(struct gif *g)
{
    uint8_t head[] = {EXTENSION, GRAPHIC_CONTROL, CONTROL_BYTES}, end = 0;
    if (!g->controlled)
        return true;
    g->controlled = false;
    return scan_write(g->s, head, sizeof head) && scan_write(g->s, g->control, CONTROL_BYTES) &&
           scan_write(g->s, &end, 1);
}

static bool image(struct gif *g)
{
    uint8_t head[IMAGE_BYTES], kind = IMAGE, code_bits;
    if (!scan_read(g->s, head, sizeof head) || !fits(g, head) || !scan_frame(g->s))
        return false;
    if (!write_control(g) || !scan_write(g->s, &kind, 1) || !scan_write(g->s, head, sizeof head) ||
        !copy_colours(g, head[IMAGE_BYTES - 1]) || !scan_read(g->s, &code_bits, 1))
        return false;
    if (code_bits == 0 || code_bits > CODE_BITS_MAX)
        return broken(g);
    return scan_write(g->s, &code_bits, 1) && copy_blocks(g);
}

/* --- the whole -------------------------------------------------------------------------------- */

static bool header(struct gif *g)
{
    uint8_t head[HEADER_BYTES + SCREEN_BYTES], *screen = head + HEADER_BYTES;
    if (!scan_read(g->s, head, sizeof head))
        return false;
    if (memcmp(head, "GIF87a", HEADER_BYTES) != 0 && memcmp(head, "GIF89a", HEADER_BYTES) != 0)
        return scan_refuse(g->s, PICTURE_UNKNOWN);
    return scan_size(g->s, le16(screen), le16(screen + 2)) && scan_write(g->s, head, sizeof head) &&
           copy_colours(g, screen[4]);
}

bool gif_clean(struct scan *s)
{
    struct gif g = {.s = s};
    uint8_t kind;
    if (!header(&g))
        return false;
    do {
        if (!scan_read(s, &kind, 1))
            return false;
        if (kind == IMAGE ? !image(&g) : kind == EXTENSION && !extension(&g))
            return false;
    } while (kind == IMAGE || kind == EXTENSION);
    if (kind != TRAILER || s->found->frames == 0)
        return broken(&g);
    return scan_write(s, &kind, 1);
}

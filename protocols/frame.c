/* frame.c - see frame.h. */
#include "frame.h"

#include <unicode/utf8.h>

/* Clients may send small pieces, but each piece, even an empty one, costs a callback. */
#define PIECES_SPARE 64
#define PIECE_LEAST  64 /* bytes of an average piece */

void frame_finish(struct frame *f)
{
    bytes_finish(&f->joined);
    f->pieces = 0;
}

/* Refuses overlong forms, surrogates and everything above U+10FFFF (Unicode 15, table 3-7). */
static bool is_utf8(const char *text, size_t n)
{
    const uint8_t *s = (const uint8_t *)text;
    for (size_t i = 0; i < n;) {
        if (s[i] < 0x80) {
            i++;
            continue;
        }
        UChar32 c;
        U8_NEXT(s, i, n, c);
        if (c < 0)
            return false;
    }
    return true;
}

static enum frame_verdict whole(const char *text, size_t n, struct frame_message *out)
{
    if (!is_utf8(text, n))
        return FRAME_NOT_UTF8;
    *out = (struct frame_message){text, n};
    return FRAME_WHOLE;
}

enum frame_verdict frame_feed(struct frame *f, const struct frame_piece *piece, size_t bytes_max,
                              struct frame_message *out)
{
    bool first = f->pieces == 0;
    if (first)
        bytes_finish(&f->joined); /* of the previous message */
    if (piece->announced > bytes_max ||
        f->joined.size + piece->size + piece->announced > bytes_max ||
        ++f->pieces > PIECES_SPARE + bytes_max / PIECE_LEAST)
        return FRAME_TOO_BIG;

    bool ends = piece->last && piece->announced == 0;
    if (ends)
        f->pieces = 0;
    if (first && ends) /* nearly every message: no copy */
        return whole(piece->at, piece->size, out);
    bytes_add(&f->joined, piece->at, piece->size);
    if (f->joined.failed)
        return FRAME_TOO_BIG;
    return ends ? whole(f->joined.at, f->joined.size, out) : FRAME_MORE;
}

/* pieces.c - see pieces.h. */
#include "pieces.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

void pieces_add(struct file *f, const void *bytes, size_t n)
{
    assert_true(f->n + n <= sizeof f->at);
    memcpy(f->at + f->n, bytes, n);
    f->n += n;
}

static void add_big_endian(struct file *f, uint32_t n)
{
    uint8_t bytes[] = {(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
    pieces_add(f, bytes, sizeof bytes);
}

static void add_little_endian(struct file *f, uint32_t n)
{
    uint8_t bytes[] = {(uint8_t)n, (uint8_t)(n >> 8), (uint8_t)(n >> 16), (uint8_t)(n >> 24)};
    pieces_add(f, bytes, sizeof bytes);
}

static void add_piece(struct file *f, enum picture_kind kind, const struct bytes *piece)
{
    if (kind == PICTURE_PNG) {
        add_big_endian(f, (uint32_t)piece->n - 4);
        pieces_add(f, piece->at, piece->n);
        add_big_endian(f, (uint32_t)crc32(0, (const Bytef *)piece->at, (uInt)piece->n));
    } else if (kind == PICTURE_WEBP && piece->n > 0) {
        pieces_add(f, piece->at, 4);
        add_little_endian(f, (uint32_t)piece->n - 4);
        pieces_add(f, piece->at + 4, piece->n - 4);
        pieces_add(f, "", piece->n & 1);
    } else {
        pieces_add(f, piece->at, piece->n);
    }
}

struct file pieces_assemble(enum picture_kind kind, const struct bytes *pieces)
{
    struct file body = {.n = 0}, f = {.n = 0};
    for (size_t i = 0; i < PIECES_MAX && pieces[i].at != NULL; i++)
        add_piece(&body, kind, &pieces[i]);
    if (kind == PICTURE_PNG)
        pieces_add(&f, "\x89PNG\r\n\x1a\n", 8);
    if (kind == PICTURE_WEBP) {
        pieces_add(&f, "RIFF", 4);
        add_little_endian(&f, (uint32_t)body.n + 4);
        pieces_add(&f, "WEBP", 4);
    }
    pieces_add(&f, body.at, body.n);
    return f;
}

enum picture_fault pieces_clean(const struct file *in, struct file *out, struct picture *found)
{
    static const struct picture_limits most = {100, 3};
    FILE *from = tmpfile(), *to = tmpfile();
    assert_non_null(from);
    assert_non_null(to);
    assert_int_equal(fwrite(in->at, 1, in->n, from), in->n);
    rewind(from);
    enum picture_fault fault = picture_clean(from, to, &most, found);
    rewind(to);
    out->n = fread(out->at, 1, sizeof out->at, to);
    fclose(from);
    fclose(to);
    return fault;
}

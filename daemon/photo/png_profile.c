/* png_profile.c - see png_profile.h. */
#include "png_profile.h"

#include "exif.h"
#include "icc.h"
#include "place.h"
#include "scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define NAME_MAX_BYTES 79
#define HEAD           "icc\0\0\x78\x01" /* name, method; how zlib begins what is not packed */
#define HEAD_BYTES     (sizeof HEAD - 1)
#define BLOCK_BYTES    65535
#define BLOCK_HEAD     5

/* 0: it is no sound profile, or too long. */
static size_t unpack(const uint8_t *packed, size_t n, uint8_t *to)
{
    z_stream z = {.next_in = (uint8_t *)(uintptr_t)packed,
                  .avail_in = (uInt)n,
                  .next_out = to,
                  .avail_out = (uInt)ICC_BYTES_MAX};
    if (inflateInit(&z) != Z_OK)
        return 0;
    int end = inflate(&z, Z_FINISH);
    inflateEnd(&z);
    return end == Z_STREAM_END ? ICC_BYTES_MAX - z.avail_out : 0;
}

bool png_profile_clean(struct scan *s, const uint8_t *chunk, size_t n, struct icc *out)
{
    const uint8_t *zero = memchr(chunk, 0, n < NAME_MAX_BYTES + 1 ? n : NAME_MAX_BYTES + 1);
    *out = (struct icc){0};
    s->found->located |= place_in_text(chunk, n); /* the name, too */
    if (zero == NULL || zero + 1 == chunk + n || zero[1] != 0)
        return true;
    s->found->located |= exif_read(zero + 2, (size_t)(chunk + n - zero) - 2).located;
    uint8_t *bytes = malloc(ICC_BYTES_MAX);
    if (bytes == NULL) {
        errno = ENOMEM;
        return scan_refuse(s, PICTURE_FAILED);
    }
    size_t size = unpack(zero + 2, (size_t)(chunk + n - zero) - 2, bytes);
    bool fine = icc_clean(s, bytes, size, out);
    free(bytes);
    return fine;
}

static uint8_t *write_block(uint8_t *to, const uint8_t *from, size_t n, bool last)
{
    const uint8_t head[BLOCK_HEAD] = {last, (uint8_t)n, (uint8_t)(n >> 8), (uint8_t)~n,
                                      (uint8_t)(~n >> 8)};
    memcpy(to, head, sizeof head);
    memcpy(to + sizeof head, from, n);
    return to + sizeof head + n;
}

uint8_t *png_profile_write(const struct icc *clean, size_t *n_out)
{
    size_t blocks = (clean->size + BLOCK_BYTES - 1) / BLOCK_BYTES;
    size_t n = HEAD_BYTES + BLOCK_HEAD * blocks + clean->size + 4;
    uint8_t *chunk = malloc(n), *to = chunk;
    if (chunk == NULL)
        return NULL;
    memcpy(to, HEAD, HEAD_BYTES);
    to += HEAD_BYTES;
    for (size_t at = 0, piece; at < clean->size; at += piece) {
        size_t rest = clean->size - at;
        piece = rest < BLOCK_BYTES ? rest : BLOCK_BYTES;
        to = write_block(to, clean->at + at, piece, piece == rest);
    }
    uLong sum = adler32(1, clean->at, (uInt)clean->size);
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(sum >> (24 - 8 * i));
    *n_out = n;
    return chunk;
}

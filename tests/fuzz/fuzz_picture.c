/* fuzz_picture.c - cleans any bytes: what comes out is within the limits, tells no place, and stays
 * as it is when it is cleaned again. The mutator mends the sums of a PNG, which no mutation would
 * meet. */
#include "photo/picture.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define PIXELS      1000000
#define FRAMES      20
#define OUT_BYTES   (6 << 20)
#define MORE_BYTES  (5 << 20) /* a minimal EXIF, names of a profile, and that of a PNG unpacked */
#define CHUNKS_AT   8
#define CHUNK_BYTES 12 /* size, type, sum */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

static enum picture_fault clean(const uint8_t *data, size_t size, char *out, size_t *size_out,
                                struct picture *found)
{
    static const struct picture_limits most = {PIXELS, FRAMES};
    FILE *from = fmemopen((void *)(uintptr_t)data, size, "r"), *to = fmemopen(out, OUT_BYTES, "w");
    assert(from != NULL && to != NULL);
    enum picture_fault fault = picture_clean(from, to, &most, found);
    *size_out = (size_t)ftello(to);
    fclose(from);
    fclose(to);
    return fault;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char once[OUT_BYTES], twice[OUT_BYTES];
    struct picture p, again;
    size_t n, n_again;
    if (size > OUT_BYTES - MORE_BYTES)
        return 0;
    enum picture_fault fault = clean(data, size, once, &n, &p);
    assert(fault != PICTURE_FAILED);
    if (fault != PICTURE_FINE)
        return 0;
    assert(n <= size + MORE_BYTES);
    assert(p.width > 0 && p.height > 0 && (uint64_t)p.width * p.height <= PIXELS);
    assert(p.frames > 0 && p.frames <= FRAMES && p.orientation >= 1 && p.orientation <= 8);
    assert(clean((const uint8_t *)once, n, twice, &n_again, &again) == PICTURE_FINE);
    assert(n_again == n && memcmp(once, twice, n) == 0);
    assert(again.width == p.width && again.height == p.height && again.frames == p.frames);
    assert(again.kind == p.kind && again.orientation == p.orientation && !again.located);
    return 0;
}

static uint32_t number(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void mend(uint8_t *data, size_t size)
{
    for (size_t at = CHUNKS_AT; size - at >= CHUNK_BYTES;) {
        size_t n = number(data + at);
        if (n > size - at - CHUNK_BYTES)
            return;
        uLong sum = crc32(0, data + at + 4, (uInt)n + 4);
        for (int i = 0; i < 4; i++)
            data[at + 8 + n + (size_t)i] = (uint8_t)(sum >> (24 - 8 * i));
        at += CHUNK_BYTES + n;
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    size = LLVMFuzzerMutate(data, size, most);
    if (seed % 16 != 0 && size > CHUNKS_AT && memcmp(data, "\x89PNG", 4) == 0)
        mend(data, size);
    return size;
}

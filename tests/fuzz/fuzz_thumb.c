/* fuzz_thumb.c - takes any bytes for a picture: no crash, no leak, and a thumbnail only of a
 * picture that fits. Input: one byte that chooses the type, then the picture. */
#include "thumb/thumbnail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIXELS_MAX (1 << 18) /* small, so that a run is short */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct thumbnail *t)
{
    if (t->size < 12 || memcmp(t->webp, "RIFF", 4) != 0 || strlen(t->preview) < 20)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const types[] = {"image/jpeg", "image/png", "image/gif", "image/webp"};
    struct thumbnail t;
    if (size == 0)
        return 0;
    if (thumbnail_make(&t, types[data[0] % 4], data + 1, size - 1, PIXELS_MAX) == NULL)
        check(&t);
    thumbnail_finish(&t);
    return 0;
}

/* main.c - chatd-thumb MIME PIXELS: one picture in, a thumbnail and a preview out.
 *
 * Descriptors: 0 the picture, 1 takes the thumbnail (WebP), 2 a sentence if it fails, 3 the preview
 * and a newline. PIXELS is the most that the picture may have. Exit status 0: both are written. 1:
 * the picture cannot be decoded. Any other, or a signal: it failed. */
#include "confine.h"
#include "thumbnail.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_PIECE (1 << 20) /* bytes */

enum { PICTURE, THUMBNAIL, LOG, PREVIEW, DESCRIPTORS };
enum { EXIT_FINE, EXIT_PICTURE, EXIT_FAILED };

struct picture {
    uint8_t *bytes;
    size_t size, capacity;
};

static bool write_all(int to, const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size > 0) {
        ssize_t n = write(to, at, size);
        if (n < 0 && errno != EINTR)
            return false;
        at += n < 0 ? 0 : n;
        size -= n < 0 ? 0 : (size_t)n;
    }
    return true;
}

/* Not by dprintf(), which makes more system calls than the filter allows. */
static int fail(int status, const char *why)
{
    if (write_all(LOG, why, strlen(why)))
        write_all(LOG, "\n", 1);
    return status;
}

static bool grow(struct picture *p)
{
    size_t capacity = p->capacity == 0 ? FIRST_PIECE : p->capacity * 2;
    uint8_t *bytes = realloc(p->bytes, capacity);
    if (bytes == NULL)
        return false;
    p->bytes = bytes;
    p->capacity = capacity;
    return true;
}

static const char *read_picture(struct picture *p)
{
    for (;;) {
        if (p->size == p->capacity && !grow(p))
            return "There is no memory for the picture.";
        ssize_t n = read(PICTURE, p->bytes + p->size, p->capacity - p->size);
        if (n == 0)
            return NULL;
        if (n < 0 && errno != EINTR)
            return "The picture cannot be read.";
        p->size += n < 0 ? 0 : (size_t)n;
    }
}

static int write_thumbnail(const struct thumbnail *t)
{
    if (!write_all(THUMBNAIL, t->webp, t->size))
        return fail(EXIT_FAILED, "The thumbnail cannot be written.");
    if (!write_all(PREVIEW, t->preview, strlen(t->preview)) || !write_all(PREVIEW, "\n", 1))
        return fail(EXIT_FAILED, "The preview cannot be written.");
    return EXIT_FINE;
}

static int make(const char *mime, uint64_t most_pixels)
{
    struct picture p = {0};
    struct thumbnail t = {0};
    const char *fault = read_picture(&p);
    int status = fault == NULL ? EXIT_FINE : fail(EXIT_FAILED, fault);
    if (fault == NULL && (fault = thumbnail_make(&t, mime, p.bytes, p.size, most_pixels)) != NULL)
        status = fail(EXIT_PICTURE, fault);
    if (fault == NULL)
        status = write_thumbnail(&t);
    thumbnail_finish(&t);
    free(p.bytes);
    return status;
}

int main(int argc, char **argv)
{
    char *end = "";
    unsigned long long most_pixels = argc == 3 ? strtoull(argv[2], &end, 10) : 0;
    if (most_pixels == 0 || *end != '\0')
        return fail(EXIT_FAILED, "usage: chatd-thumb MIME PIXELS <picture >thumbnail 3>preview");
    if (!confine(DESCRIPTORS))
        return fail(EXIT_FAILED, "chatd-thumb cannot confine itself.");
    return make(argv[1], most_pixels);
}

/* scan.c - see scan.h. */
#include "scan.h"

#include "exif.h"

bool scan_refuse(struct scan *s, enum picture_fault why)
{
    s->fault = why;
    return false;
}

bool scan_read(struct scan *s, void *to, size_t n)
{
    if (fread(to, 1, n, s->in) == n)
        return true;
    return scan_refuse(s, ferror(s->in) ? PICTURE_FAILED : PICTURE_BROKEN);
}

bool scan_write(struct scan *s, const void *from, size_t n)
{
    return fwrite(from, 1, n, s->out) == n || scan_refuse(s, PICTURE_FAILED);
}

bool scan_copy(struct scan *s, uint64_t n)
{
    while (n > 0) {
        size_t piece = n < SCAN_BYTES ? (size_t)n : SCAN_BYTES;
        if (!scan_read(s, s->buffer, piece) || !scan_write(s, s->buffer, piece))
            return false;
        n -= piece;
    }
    return true;
}

/* It reads, because seeking beyond the end is no error. */
bool scan_skip(struct scan *s, uint64_t n)
{
    uint8_t unused[512];
    while (n > 0) {
        size_t piece = n < sizeof unused ? (size_t)n : sizeof unused;
        if (!scan_read(s, unused, piece))
            return false;
        n -= piece;
    }
    return true;
}

bool scan_take(struct scan *s, uint64_t n, size_t *kept_out)
{
    size_t kept = n < SCAN_BYTES ? (size_t)n : SCAN_BYTES;
    if (!scan_read(s, s->buffer, kept) || !scan_skip(s, n - kept))
        return false;
    *kept_out = kept;
    return true;
}

bool scan_amend(struct scan *s, off_t at, const void *from, size_t n)
{
    off_t end = ftello(s->out);
    if (end < 0 || fseeko(s->out, at, SEEK_SET) != 0)
        return scan_refuse(s, PICTURE_FAILED);
    if (!scan_write(s, from, n))
        return false;
    return fseeko(s->out, end, SEEK_SET) == 0 || scan_refuse(s, PICTURE_FAILED);
}

/* No format has sides beyond 2^31, so the product fits. */
bool scan_size(struct scan *s, uint64_t width, uint64_t height)
{
    if (width == 0 || height == 0 || width > INT32_MAX || height > INT32_MAX)
        return scan_refuse(s, PICTURE_BROKEN);
    if (width * height > s->most->pixels)
        return scan_refuse(s, PICTURE_TOO_BIG);
    s->found->width = (unsigned)width;
    s->found->height = (unsigned)height;
    return true;
}

bool scan_frame(struct scan *s)
{
    return ++s->found->frames <= s->most->frames || scan_refuse(s, PICTURE_TOO_BIG);
}

bool scan_exif(struct scan *s, const uint8_t *bytes, size_t n)
{
    struct exif e = exif_read(bytes, n);
    bool first = !s->exif_seen;
    s->exif_seen = true;
    s->found->located |= e.located;
    if (!first || e.orientation <= 1)
        return false;
    s->found->orientation = e.orientation;
    return true;
}

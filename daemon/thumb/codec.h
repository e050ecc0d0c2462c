/* codec.h - the kinds of pictures. A kind is a file of its own, which defines <file>_codec, and a
 * row of CODECS. */
#ifndef THUMB_CODEC_H
#define THUMB_CODEC_H

#include <stddef.h>
#include <stdint.h>

struct draft;

struct codec {
    const char *mime;
    /* Reads the picture, of a moving one the first frame, into `d`. NULL, or a sentence for the
     * log. Leaves only `d` to free. */
    const char *(*read)(struct draft *d, const uint8_t *picture, size_t size);
};

#define CODECS(ROW)                                                                                \
    ROW(jpeg)                                                                                      \
    ROW(png)                                                                                       \
    ROW(gif)                                                                                       \
    ROW(webp)

#define CODEC(file) extern const struct codec file##_codec;
CODECS(CODEC)
#undef CODEC

#endif

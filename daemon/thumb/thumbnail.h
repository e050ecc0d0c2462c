/* thumbnail.h - the bytes of a picture become a small WebP and a preview. Pure: no files, no limits
 * of its own but those given. */
#ifndef THUMB_THUMBNAIL_H
#define THUMB_THUMBNAIL_H

#include <stddef.h>
#include <stdint.h>

#define THUMBNAIL_SIDE 800 /* pixels, at most */
#define PREVIEW_SIZE   40  /* with the NUL */

struct thumbnail {
    uint8_t *webp; /* sRGB, upright, never larger than the picture */
    size_t size;
    char preview[PREVIEW_SIZE]; /* ThumbHash in base64url */
};

/* NULL, or a sentence for the log: the picture cannot be decoded, or has more than `most_pixels`.
 * Of a moving picture the first frame counts. */
const char *thumbnail_make(struct thumbnail *t, const char *mime, const uint8_t *picture,
                           size_t size, uint64_t most_pixels);
void thumbnail_finish(struct thumbnail *t); /* a zeroed struct is fine */

#endif

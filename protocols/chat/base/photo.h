/* photo.h - what the chat knows of a photo: its name and its measures, never its bytes.
 * Pure, any thread. */
#ifndef CHAT_PHOTO_H
#define CHAT_PHOTO_H

#include "bytes.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define PHOTO_NAME_CHARS  22 /* 128 random bits in base64url */
#define PHOTO_SIDE_MAX    65535
#define PHOTO_MIME_MAX    15
#define PHOTO_PREVIEW_MAX 200 /* bytes of a ThumbHash in base64url */
#define PHOTO_ALT_MAX     400
#define PHOTOS_MAX        20 /* the most that limits.photos_per_message can be */

struct photo {
    char name[PHOTO_NAME_CHARS + 1];
    unsigned width, height; /* in pixels, as shown */
    uint64_t bytes;
    char mime[PHOTO_MIME_MAX + 1];
    char preview[PHOTO_PREVIEW_MAX + 1]; /* "": none */
};

/* Whether it can be the name of a photo, and so of a file. */
bool photo_name_ok(const char *name);
/* Whether every string of `p` can go to members: its name, a type that browsers show, the
 * preview. */
bool photo_ok(const struct photo *p);

/* Adds the members "photo", "width", "height", "mime", "bytes" and "preview" (null if none). */
void photo_write(struct bytes *to, const struct photo *p);
/* The photo that these members describe; `object` has passed the fields of PHOTO_FIELDS
 * (body.c). False: not photo_ok(). */
bool photo_read(const json_t *object, struct photo *out);
/* The photos that the body of a message names, each with these members: a new array. NULL: it has
 * none, as most; or no memory. */
json_t *photos_in(const char *body, size_t n);

#endif

/* photo.h - photos in a message, and uploads. Loop thread only. */
#ifndef COMMAND_PHOTO_H
#define COMMAND_PHOTO_H

#include "chat/base/err.h"
#include "chat/base/photo.h"

#include <stddef.h>

struct ask;
struct bytes;
struct chat;
struct request;
struct source;
struct upload;

/* Seconds for which an uploaded photo waits for its message. */
#define PHOTO_WAITS_S 3600

/* Asks for the photos that a `say` names; `done` ends the request. NULL: no memory. */
struct ask *photos_ask(struct request *q, const json_t *named, void (*done)(struct ask *ask));
/* Adds the member "photos", if there are any: `rows` of struct photo, with the `alt` of `named`. */
void photos_write(struct bytes *body, const struct bytes *rows, const json_t *named);

/* Called once, on the loop thread, never before the function that got it has returned. `wait_ms`:
 * for ERR_RATE and ERR_FULL, how long to wait before trying again. */
typedef void upload_done(void *arg, enum err err, uint64_t wait_ms);

/* Who wants to upload `bytes`: OK, ERR_FORBIDDEN (nobody holds the token), ERR_BANNED, ERR_MUTED,
 * ERR_RATE, ERR_FULL (their bytes of a day, or those of their address), ERR_UNAVAILABLE. `source`
 * is borrowed until upload_destroy(). NULL: no memory. */
struct upload *upload_create(struct chat *chat, struct source *source, const char *token,
                             uint64_t bytes, upload_done *judged, void *arg);
/* Whose it is, once it is let in. */
uint64_t upload_person(const struct upload *u);
/* The picture is there: the server's log gets the photo. Errors as of journal_ops.submit. */
void upload_submit(struct upload *u, const struct photo *photo, upload_done *done, void *arg);
/* Calls nothing any more. */
void upload_destroy(struct upload **u);
/* At the end: forgets how often people have uploaded. No upload is left. */
void uploads_forget(struct chat *chat);

#endif

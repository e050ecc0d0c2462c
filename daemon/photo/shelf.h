/* shelf.h - photos as files of the state directory: photos/NAME and photos/NAME.thumb, and under
 * photos/coming/ what is not kept yet, which a start removes. Blocking calls happen on the loop's
 * thread pool. Loop thread only, but for shelf_remove(). */
#ifndef PHOTO_SHELF_H
#define PHOTO_SHELF_H

#include "config.h"

struct bytes;
struct uv_loop_s;

extern const struct shelf_ops shelf_ops;

/* Borrows all of `config`. NULL: the folders cannot be made, and the log says why; or no memory. */
struct shelf *shelf_create(struct uv_loop_s *loop, const struct shelf_config *config);
/* Ends the helpers: nobody waits for pictures any more. */
void shelf_stop(struct shelf *s);
/* When the loop has ended, and every draft and view with it. */
void shelf_destroy(struct shelf **s);

/* Any thread. Removes the files of a photo, if there are any. False: one is still there, and the
 * log says why. */
bool shelf_remove(struct shelf *s, const char *name);

/* Appends the names of at most `most` files, each with its NUL, and goes on where the last call has
 * ended; those of a photo's two files are the same. False: these were the last ones. */
bool shelf_list(struct shelf *s, struct bytes *to, size_t most);

#endif

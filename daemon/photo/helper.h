/* helper.h - runs the program that makes thumbnails (thumb/), in a process of its own. Pool thread;
 * blocks for HELPER_SECONDS at most. */
#ifndef PHOTO_HELPER_H
#define PHOTO_HELPER_H

struct photo;
struct shelf;

#define HELPER_SECONDS 12 /* the program limits itself to less */

/* From coming/NAME.clean it makes coming/NAME.thumb, and fills in photo->preview. `photo` has the
 * measures of the picture. If it fails,
 * crashes or hangs, the photo has neither, and the log says so. */
void helper_run(struct shelf *s, const char *name, struct photo *photo);

#endif

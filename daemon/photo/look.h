/* look.h - whether the shelf has a photo. Loop thread only. */
#ifndef PHOTO_LOOK_H
#define PHOTO_LOOK_H

#include "shelf_ops.h"

/* SHELF_FINE: its file is here. SHELF_NO_SUCH: it is not. False: no memory, `done` is not called.
 */
bool look_for(struct shelf *s, const char *name, shelf_done *done, void *arg);

#endif

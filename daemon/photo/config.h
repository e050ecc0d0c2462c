/* config.h - what the shelf needs to know. */
#ifndef PHOTO_CONFIG_H
#define PHOTO_CONFIG_H

#include "facts.h"

#include "shelf_ops.h"

struct shelf_config {
    const char *state;  /* the directory */
    const char *helper; /* the program that makes thumbnails (thumb/) */
    struct picture_limits limits;
    uint64_t free_bytes; /* what uploads leave free on the disk */
    /* Gets a photo that is not here from other nodes. Calls `done` once, later, with SHELF_FINE (it
     * is here now), SHELF_NO_SUCH or SHELF_AWAY. False: too many are wanted already, or no memory;
     * `done` does not follow. */
    bool (*fetch)(void *arg, const char *name, shelf_done *done, void *done_arg);
    void *fetch_arg;
};

#endif

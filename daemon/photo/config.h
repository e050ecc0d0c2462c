/* config.h - what the shelf needs to know. */
#ifndef PHOTO_CONFIG_H
#define PHOTO_CONFIG_H

#include "facts.h"

struct shelf_config {
    const char *state;  /* the directory */
    const char *helper; /* the program that makes thumbnails (thumb/) */
    struct picture_limits limits;
    uint64_t free_bytes; /* what uploads leave free on the disk */
};

#endif

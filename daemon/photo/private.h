/* private.h - the structs that the files of this folder share. */
#ifndef PHOTO_PRIVATE_H
#define PHOTO_PRIVATE_H

#include "config.h"

#include "chat/base/list.h"

#include <dirent.h>

/* Characters of a file's name: that of the photo, and an ending. */
#define PHOTO_FILE_CHARS (PHOTO_NAME_CHARS + sizeof ".thumb")
#define MAKES_MAX        2 /* helpers at once */

struct shelf {
    struct uv_loop_s *loop;
    const struct shelf_config *config;
    int folder, coming;  /* descriptors of photos/ and photos/coming/ */
    struct list waiting; /* draft.in_waiting: those that a helper cannot take yet, by rank */
    struct list making;  /* draft.in_making */
    unsigned making_count;
    DIR *listing; /* NULL: shelf_list() begins */
    int ending;   /* eventfd: readable when helpers must end */
};

#endif

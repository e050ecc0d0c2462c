/* shelf_ops.h - what uploads and addresses of photos need from the shelf, where photos are files.
 * Loop thread only; every callback comes on it, once, and never before the call has returned. */
#ifndef SHELF_OPS_H
#define SHELF_OPS_H

#include "chat/base/photo.h"

#include <stddef.h>

struct draft; /* a photo that is being uploaded; nobody can see it */
struct shelf;
struct view; /* an open file of a photo */

enum shelf_fault {
    SHELF_FINE,
    SHELF_NO_SUCH,  /* there is no such photo */
    SHELF_AWAY,     /* another node has it, and it has not come yet */
    SHELF_NO_SPACE, /* the disk, or what must stay free of it, is full */
    SHELF_UNKNOWN,  /* not a photo of a known kind, or broken */
    SHELF_TOO_BIG,  /* too many pixels or frames */
    SHELF_FAILED,   /* the log says why */
};

typedef void shelf_done(void *arg, enum shelf_fault fault);

struct shelf_ops {
    /* NULL: no memory. `person`: the identity that uploads it. */
    struct draft *(*draft_create)(struct shelf *s, uint64_t person);
    /* Appends bytes, and frees them. One call of a draft at a time. */
    void (*draft_append_take)(struct draft *d, char *bytes, size_t n, shelf_done *done, void *arg);
    /* All bytes are there: in the person's turn, takes out metadata, makes the thumbnail, and fills
     * in `photo` (the draft's, until it is destroyed) and `located`. */
    void (*draft_make)(struct draft *d, shelf_done *done, void *arg);
    const struct photo *(*draft_photo)(const struct draft *d);
    bool (*draft_located)(const struct draft *d);
    /* The log has the photo: from now on it can be seen, also after a crash. */
    void (*draft_keep)(struct draft *d, shelf_done *done, void *arg);
    /* Removes what was not kept. A call that is under way ends without its callback. */
    void (*draft_destroy)(struct draft **d);

    /* Opens the photo, or its thumbnail. NULL: no memory. */
    struct view *(*view_open)(struct shelf *s, const char *name, bool thumb, shelf_done *done,
                              void *arg);
    size_t (*view_size)(const struct view *v);
    /* image/…, by the file's own bytes. Static. */
    const char *(*view_mime)(const struct view *v);
    /* Reads the next bytes: `view_piece` has them. */
    void (*view_read)(struct view *v, shelf_done *done, void *arg);
    /* The same, at once. False: the kernel does not have them in memory; view_read() gets them. */
    bool (*view_read_now)(struct view *v);
    /* SHELF_SPACE_BYTES before it are the caller's, too. Until the next read. */
    char *(*view_piece)(struct view *v, size_t *n_out);
    void (*view_close)(struct view **v);
};

#define SHELF_PIECE_BYTES ((size_t)256 * 1024)
#define SHELF_SPACE_BYTES 16

#endif

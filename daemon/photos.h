/* photos.h - the shelf, and what becomes of photos that nobody uses. Loop thread only, but for
 * photos_gone(). */
#ifndef PHOTOS_H
#define PHOTOS_H

#include "photo/shelf.h"

#include <stdint.h>

struct conf;
struct store;

struct photos {
    struct shelf_config config;
    struct shelf *shelf; /* NULL: there is none yet */
    char helper[4096];
    uint64_t expired_ms; /* monotonic: when unused photos were looked for */
};

/* Borrows `conf`. -1: the log says why. */
int photos_begin(struct photos *p, struct uv_loop_s *loop, const struct conf *conf);
/* When the loop has ended. */
void photos_end(struct photos *p);

/* For struct store_config: the store's thread calls it with a struct photos. */
void photos_gone(void *photos, const char *name);
/* Call it some times a second, when events can be stored. */
void photos_tick(struct photos *p, struct store *store, uint64_t now_ms, int64_t wall_ms);

#endif

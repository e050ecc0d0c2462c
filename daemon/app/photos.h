/* photos.h - the shelf, what becomes of photos that nobody uses, and their way between nodes. Loop
 * thread only, but for photos_gone(). */
#ifndef PHOTOS_H
#define PHOTOS_H

#include "photo/shelf.h"
#include "pull/pull.h"

#include <stdint.h>

struct bytes;
struct chat;
struct chat_config;
struct conf;
struct store;

struct photos {
    struct uv_loop_s *loop;
    struct shelf_config config;
    struct shelf *shelf; /* NULL: there is none yet */
    struct pull_config pull_config;
    struct pull *pull; /* NULL: this node is alone */
    char helper[4096];
    bool swept;          /* the files of the shelf were compared with the store */
    uint64_t expired_ms; /* monotonic: when unused photos were looked for */
    struct chat *chat;   /* NULL: there is none yet */
    uint64_t asked_ms;   /* monotonic: when the store was asked about a photo that is not here */
};

/* Borrows `conf`. -1: the log says why. */
int photos_begin(struct photos *p, struct uv_loop_s *loop, const struct conf *conf);
/* There are other nodes, over this journal of redis/. Fills in `chat`. -1: no memory. */
int photos_share(struct photos *p, struct journal *j, struct chat_config *chat);
/* Call once, before the journal applies events. */
void photos_attach(struct photos *p, struct chat *chat);
/* Call before the journal stops, when nobody looks at photos any more. */
void photos_stop(struct photos *p);
/* When the loop has ended. */
void photos_end(struct photos *p);

/* For struct store_config: the store's thread calls it with a struct photos. False: try again. */
bool photos_gone(void *photos, const char *name);
/* Appends lines for /metrics. */
void photos_metrics(const struct photos *p, struct bytes *to);
/* Call it some times a second. `store`: NULL if events cannot be stored, or some
 * that show photos may be missing. */
void photos_tick(struct photos *p, struct store *store, uint64_t now_ms, int64_t wall_ms);

#endif

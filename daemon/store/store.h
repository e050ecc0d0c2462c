/* store.h - the embedded store: one SQLite file in the state directory, a thread that writes and
 * one that reads. It is the archive of the core (archive.h), and keeps the logs for a journal that
 * numbers events here (submit.h) or elsewhere (copy.h, tail.h, meta.h, secret.h). Loop thread only.
 */
#ifndef STORE_H
#define STORE_H

#include "chat/base/err.h"

#include <stdbool.h>

struct chat;
struct chat_limits;
struct store;
struct uv_loop_s;

struct store_config {
    const char *state; /* directory, created if missing (0700) */
    bool sync_full;
    const struct chat_limits *limits; /* borrowed as long as the store exists */
    /* store_create() calls it again and again while it has long work to do. False: give up. */
    bool (*go_on)(void *arg);
    void *arg;
    /* Called on any thread of the store: nothing needs the photo's files any more. May come again
     * for the same one, and does if it returns false. */
    bool (*photo_gone)(void *arg, const char *name);
    void *photo_arg;
};

/* NULL: the start failed and the log has the reason, or `go_on` ended it. The directory is locked:
 * two daemons cannot share it. */
struct store *store_create(struct uv_loop_s *loop, const struct store_config *config);
/* Finishes the jobs that were given and refuses new ones. The loop must run on until the handles
 * are closed. */
void store_destroy(struct store **s);

/* Adds the stored rooms, roles, bans, mutes and polls with a deadline to `chat`. At start, before
 * the first job. 0, or ERR_UNAVAILABLE. */
enum err store_load(struct store *s, struct chat *chat);

#endif

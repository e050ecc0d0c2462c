/* store.h - the embedded store: one SQLite file in the state directory, a thread that writes and
 * one that reads. It is the archive of the core (chat/archive.h) and, on a single node, what the
 * journal writes to. Called by: app.c, journal_local.c. Loop thread only. */
#ifndef STORE_H
#define STORE_H

#include "chat/chat.h"
#include "worker.h"

struct uv_loop_s;
struct store;

struct store_config {
    const char *state; /* directory, created if missing (0700) */
    bool sync_full;
    unsigned rooms, rooms_per_person; /* that people may create */
};

/* NULL: it has logged why. The directory is locked: two daemons cannot share it. */
struct store *store_create(struct uv_loop_s *loop, const struct store_config *config);
/* Finishes what was given. The loop must run on until the handles are closed. */
void store_destroy(struct store **s);

/* The rooms as they are now. 0, or ERR_UNAVAILABLE. At start, before anything is given. */
enum err store_load_rooms(struct store *s, struct chat *chat);

extern const struct archive_ops store_archive_ops;
struct archive *store_archive(struct store *s); /* borrowed: the store itself */

/* What became of a submitted event. */
struct store_written {
    enum err err;
    bool is_new;    /* false: its key was known, seq and at_ms are the first event's */
    struct event e; /* complete; borrowed for the callback */
};
typedef void store_written_cb(void *arg, const struct store_written *w);

/* Copies `e`. 0, or ERR_UNAVAILABLE: too much is waiting, or no memory. */
enum err store_submit(struct store *s, const struct event *e, store_written_cb *cb, void *arg);

/* Static: why events cannot be written now; NULL: they can. Any thread. */
const char *store_fault(const struct store *s);
size_t store_waiting(const struct store *s);

#endif

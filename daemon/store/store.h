/* store.h - the embedded store: one SQLite file in the state directory, a thread that writes and
 * one that reads. It is the archive of the core (chat/model/ask.h) and, on a single node, what the
 * journal writes to. Called by: app.c, journal_local.c. Loop thread only. */
#ifndef STORE_H
#define STORE_H

#include "chat/base/limits.h"
#include "chat/chat.h"
#include "chat/model/ask.h"
#include "worker.h"

struct uv_loop_s;
struct store;

struct store_config {
    const char *state; /* directory, created if missing (0700) */
    bool sync_full;
    const struct chat_limits *limits; /* borrowed as long as the store exists */
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
    bool is_new;     /* false: its key was known, seq and at_ms are the first event's */
    uint64_t number; /* of a copy: its own */
    struct event e;  /* complete; borrowed for the callback */
};
typedef void store_written_cb(void *arg, const struct store_written *w);

/* Copies `e`. 0, or ERR_UNAVAILABLE: too much is waiting, or no memory. */
enum err store_submit(struct store *s, const struct event *e, store_written_cb *cb, void *arg);

/* For a journal that numbers events elsewhere. `e` is complete; `after` is the event that comes
 * before it in its log (0: none). What its key or its content makes void keeps its number and
 * stands in the log as such. `err`: what a submit would have met; ERR_UNAVAILABLE: it is not in the
 * file, and what follows it will not be, either. !is_new: it was there already, or is void; then
 * e.seq and e.at_ms are those of the event that used its key first. */
enum err store_copy(struct store *s, const struct event *e, uint64_t after, store_written_cb *cb,
                    void *arg);
/* What became of an event that was copied as e.seq: for a submit that was sent again. */
enum err store_verdict(struct store *s, const struct event *e, store_written_cb *cb, void *arg);

/* Events after `after` and up to `upto`: the oldest, or the newest, `limit` of them, in order. What
 * `events` points to is borrowed for the callback. */
typedef void store_tail_cb(void *arg, enum err err, const struct event *events, size_t n);
enum err store_tail(struct store *s, const char *room, uint64_t after, uint64_t upto, size_t limit,
                    bool newest, store_tail_cb *cb, void *arg);

/* What is remembered of the Redis whose log is copied. At start, before anything is given. */
#define HISTORY_BYTES 32
struct store_meta {
    char history[HISTORY_BYTES + 1]; /* names the chat; "": this store has no event yet */
    uint64_t generation;             /* the highest that was seen */
};
enum err store_load_meta(struct store *s, struct store_meta *meta);
void store_save_meta(struct store *s, const struct store_meta *meta);
/* Roles, bans and mutes; the open polls that close by the clock. As store_load_rooms(), after it.
 */
enum err store_load_standings(struct store *s, struct chat *chat);
enum err store_load_polls(struct store *s, struct chat *chat);

/* Keeps the key of a poll that is numbered elsewhere, if it is open and has none yet; then calls
 * `done` with `arg`. False: no memory, it will not. */
bool store_keep_secret(struct store *s, const char *room, uint64_t poll,
                       const unsigned char key[SECRET_BYTES], void (*done)(void *arg), void *arg);
/* The keys of a room's open polls; borrowed for the callback. */
struct store_secret {
    uint64_t poll;
    unsigned char key[SECRET_BYTES];
};
typedef void store_secrets_cb(void *arg, enum err err, const struct store_secret *keys, size_t n);
enum err store_secrets(struct store *s, const char *room, store_secrets_cb *cb, void *arg);
/* Which of these polls of a room have ended, as far as is known here. */
typedef void store_secrets_ended_cb(void *arg, enum err err, const uint64_t *polls, size_t n);
enum err store_secrets_ended(struct store *s, const char *room, const uint64_t *polls, size_t n,
                             store_secrets_ended_cb *cb, void *arg);

/* The newest event of each log. At start. */
typedef void store_log_cb(void *arg, const char *room, uint64_t last);
enum err store_load_logs(struct store *s, store_log_cb *cb, void *arg);

/* Static: why events cannot be written now; NULL: they can. Any thread. */
const char *store_fault(const struct store *s);
size_t store_waiting(const struct store *s);

#endif

/* secret.h - the secrets that belong to events (chat/base/event.h): random bytes, the same on every
 * node, that never enter a log. The feature that ends the event destroys its secret. */
#ifndef STORE_SECRET_H
#define STORE_SECRET_H

#include "chat/base/err.h"
#include "chat/base/event.h"

struct store;

/* Writer's thread. Keeps the secret of an event, unless that has ended or has a secret already.
 * SQLite's code. */
int store_set_secret(struct store *s, int64_t room, uint64_t seq,
                     const unsigned char key[SECRET_BYTES]);
/* The same from the loop thread; then calls `done` with `arg`. False: it will not, as for
 * store_write_job(). */
bool store_keep_secret(struct store *s, const char *room, uint64_t seq,
                       const unsigned char key[SECRET_BYTES], void (*done)(void *arg), void *arg);

/* The secrets of a room's events; borrowed for the callback. */
struct store_secret {
    uint64_t seq;
    unsigned char key[SECRET_BYTES];
};
typedef void store_secrets_cb(void *arg, enum err err, const struct store_secret *keys, size_t n);
enum err store_secrets(struct store *s, const char *room, store_secrets_cb *cb, void *arg);
/* Which of these events of a room have ended, as far as this node knows. */
typedef void store_secrets_ended_cb(void *arg, enum err err, const uint64_t *seqs, size_t n);
enum err store_secrets_ended(struct store *s, const char *room, const uint64_t *seqs, size_t n,
                             store_secrets_ended_cb *cb, void *arg);

#endif

/* secret.h - the secrets of events, the same on every node.
 *
 * Redis keeps the secret of an event in a hash of its room, where the script "submit" puts it in
 * the step that numbers the event. Each node copies it into its store, and takes it out of Redis
 * when it copies the event that ends it. A Redis that has lost its data gets the secrets back; one
 * with older data loses those that have ended. Only a node that has read the stream to its end
 * knows which these are. */
#ifndef REDIS_SECRET_H
#define REDIS_SECRET_H

#include <stdbool.h>
#include <stdint.h>

struct journal;
struct store_written;
struct stream;

/* journal_ops.secret */
void secret_fetch(struct journal *j, const char *room, uint64_t seq, void (*done)(void *arg),
                  void *arg);
/* The store has judged an event of the stream: does what its kind does to secrets. */
void secret_copied(struct stream *s, const struct store_written *w);
/* In a new generation Redis must be compared: the stream was read to its end. */
void secret_read_to_end(struct stream *s);
/* Compares the room's secrets with those of Redis, if that is wanted and all is copied. */
void secret_settle(struct stream *s);

#endif

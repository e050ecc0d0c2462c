/* follower.h - members who join a room and wait until its stream is as new as it can be. */
#ifndef REDIS_FOLLOWER_H
#define REDIS_FOLLOWER_H

#include <stdbool.h>
#include <stdint.h>

struct stream;

/* `seq`: the newest event that the member's client has, or 0. `done` is called once, from the
 * functions below. False: no memory, it will not be. */
bool follower_add(struct stream *s, uint64_t seq, void (*done)(void *arg), void *arg);
/* Calls those whose events are copied by now: all that the stream had when they were added. */
void follower_release(struct stream *s);
/* Whether the stream must be read once more: it was being read already when one was added. */
bool follower_wants_read(const struct stream *s);
/* Calls all: the stream gets no newer for now. */
void follower_give_up(struct stream *s);

#endif

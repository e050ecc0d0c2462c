/* stream.h - the streams of the rooms by name, and where each one is. */
#ifndef REDIS_STREAM_H
#define REDIS_STREAM_H

#include "private.h"

/* The stream of that room, created if need be. NULL: no memory. */
struct stream *stream_get(struct journal *j, const char *name);
/* NULL: there is none. */
struct stream *stream_find(const struct journal *j, const char *name);
/* Their lists must be empty. */
void stream_destroy_all(struct journal *j);

/* The number of the next event, unless the room goes on in the next generation. */
uint64_t stream_next(const struct stream *s);
/* `soon` reads it. */
void stream_behind(struct stream *s);
/* An event with this number exists: `soon` reads it if the channel does not bring it before. */
void stream_expect(struct stream *s, uint64_t seq);

#endif

/* stream.h - the streams of the rooms by name, and where each one is. */
#ifndef REDIS_STREAM_H
#define REDIS_STREAM_H

#include "private.h"

/* The stream of a room that has none yet. NULL: no memory. */
struct stream *stream_create(struct journal *j, const char *name, uint64_t life);
/* NULL: there is none, or it has ended. */
struct stream *stream_find(const struct journal *j, const char *name);
/* The same by its place, see keys.h. */
struct stream *stream_at(const struct journal *j, const char *place);
/* Event `by` of the server's log has removed the room: nothing is read or written any more. */
void stream_end(struct stream *s, uint64_t by);
static inline bool stream_has_ended(const struct stream *s) { return s->gone_at != 0; }
/* Their lists must be empty. */
void stream_destroy_all(struct journal *j);

/* Does nothing if that is its state already. A step that the drawing lacks is logged. */
void stream_move(struct stream *s, enum stream_state state);
/* LIVE is over: the stream must be read to its end again. */
void stream_end_live(struct stream *s);
static inline bool stream_is_wanted(const struct stream *s) { return s->state >= STREAM_RETURNING; }
static inline bool stream_is_heard(const struct stream *s) { return s->state >= STREAM_HEARD; }

/* The number of the next event, unless the room goes on in the next generation. */
uint64_t stream_next(const struct stream *s);
/* `soon` reads it. */
void stream_behind(struct stream *s);
/* An event with this number exists: `soon` reads it if the channel does not bring it before. */
void stream_expect(struct stream *s, uint64_t seq);

#endif

/* read.h - reads a stream from Redis: at first, where the channel has left something out, and from
 * an old generation to the next. */
#ifndef REDIS_READ_H
#define REDIS_READ_H

struct stream;

/* Reads on from the last event that was taken, if that is possible now. */
void read_stream(struct stream *s);
/* Asks Redis for a later event: finds a lost last event of a quiet room, and a lost stream. */
void read_later(struct stream *s);

#endif

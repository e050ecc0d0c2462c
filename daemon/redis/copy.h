/* copy.h - puts a stream's events into the store, in order, then tells the chat and the submitters.
 */
#ifndef REDIS_COPY_H
#define REDIS_COPY_H

#include <stdbool.h>

struct event;
struct stream;
struct ticket;

/* Takes the event with the number stream_next(). False: the store takes nothing now. */
bool copy_take(struct stream *s, const struct event *e);
/* Takes a gap that ends before this event, whose number is above stream_next(). */
bool copy_take_gap(struct stream *s, const struct event *before);
/* The ticket was numbered: it ends when the store has judged its event. */
void copy_await(struct stream *s, struct ticket *t);

#endif

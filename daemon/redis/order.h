/* order.h - puts the events of a room's channel in order: takes the next one, holds back one that
 * is too early. */
#ifndef REDIS_ORDER_H
#define REDIS_ORDER_H

struct event;
struct stream;

/* Copies `e`. A number without a readable event has the kind 0: the stream then says what it is. */
void order_hear(struct stream *s, const struct event *e);
/* Takes the events that were held back, as far as they follow. */
void order_take_held(struct stream *s);
/* The stream was read to its end: drops the events that were heard before and are not in it. */
void order_drop_absent(struct stream *s);
/* Frees them. */
void order_drop_held(struct stream *s);

#endif

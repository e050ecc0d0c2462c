/* order.h - events that come by a room's channel: taken in turn, held back out of turn. */
#ifndef REDIS_ORDER_H
#define REDIS_ORDER_H

struct event;
struct stream;

/* Copies `e`. */
void order_hear(struct stream *s, const struct event *e);
/* Takes the events that were held back, as far as they follow. */
void order_take_held(struct stream *s);
/* Frees them. */
void order_drop_held(struct stream *s);

#endif

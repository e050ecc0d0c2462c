/* offer.h - events of old generations that Redis lacks and this node has. */
#ifndef REDIS_OFFER_H
#define REDIS_OFFER_H

struct journal;
struct stream;

/* Offers the end of every old stream. Calls `done` when Redis has answered all questions, those of
 * an earlier call included. j->offer_failed says whether some answer was bad. */
void offer_all(struct journal *j, void (*done)(struct journal *j));
/* The generation was closed without some events of this node: submits them again, as new ones. */
void offer_again(struct stream *s);

#endif

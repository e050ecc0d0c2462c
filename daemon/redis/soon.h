/* soon.h - one run of a timer for all that call in the same 20 ms. */
#ifndef REDIS_SOON_H
#define REDIS_SOON_H

struct journal;

/* j->on_soon runs within 20 ms, in which the channel may bring what is missing. */
void soon_later(struct journal *j);
/* It runs in the next turn of the loop. */
void soon_now(struct journal *j);

#endif

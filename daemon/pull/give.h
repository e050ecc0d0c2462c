/* give.h - photos of this node on their way to others: a few at a time, at most PIECES_AT_ONCE
 * pieces of each in Redis. */
#ifndef PULL_GIVE_H
#define PULL_GIVE_H

#include "private.h"

void give_wanted(struct pull *p, const char *name, const char *boot);
void give_taken(struct pull *p, const char *name, const char *boot, unsigned end);
/* Ends a photo that a node does not take in time. */
void give_tick(struct pull *p);
/* No callback does anything any more. */
void give_stop(struct pull *p);
void give_forget(struct pull *p);

#endif

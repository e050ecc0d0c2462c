/* take.h - one photo on its way to this node. Every try ends by pull.on_ended(), without memory
 * before the function that began it returns; that may free `w`. */
#ifndef PULL_TAKE_H
#define PULL_TAKE_H

#include "private.h"

/* WAITING: tries it. */
void take_begin(struct want *w);
/* A node has put pieces into Redis. */
void take_given(struct want *w, unsigned first, unsigned end);
/* ASKED: nobody has answered in time. */
void take_end(struct want *w, enum outcome outcome);
/* Removes what has come so far. No callback follows. */
void take_forget(struct want *w);

#endif

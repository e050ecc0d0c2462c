/* fanout.h - moves cursors: once a turn of the loop, a member whose socket is free gets everything
 * between its cursor and the head in one write; all members read the same bytes.
 *
 * A member that has fallen out of the window reads on from the archive, piece by piece and only
 * while its socket takes it, until the window has it again. */
#ifndef CHAT_FANOUT_H
#define CHAT_FANOUT_H

#include "model.h"

void fanout_member(struct member *m);
void fanout_room(struct room *r);

#endif

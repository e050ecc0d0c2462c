/* fanout.h - moves cursors: once a turn of the loop, a member whose socket is free gets everything
 * between its cursor and the head in one write. All members read the same bytes. Loop thread only.
 *
 * A member whose cursor is no longer in the window reads from the archive, piece by piece and only
 * as fast as its socket takes them, until its cursor is in the window again. */
#ifndef CHAT_FANOUT_H
#define CHAT_FANOUT_H

#include "model.h"

void fanout_member(struct member *m);
/* All members of the room. */
void fanout_room(struct room *r);

#endif

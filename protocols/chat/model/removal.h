/* removal.h - rooms that are removed: by the operator, or by the clock if nobody has ever written
 * in a room of a person for limits.room_days, and nobody is in it. Loop thread only. */
#ifndef CHAT_REMOVAL_H
#define CHAT_REMOVAL_H

#include "model.h"
#include "journal.h"

#define REMOVALS_ASKED 4 /* posts wait while the store deletes the events of a room */

/* The room that this event removes. NULL: it removes none that is here. */
struct room *removal_of(const struct chat *chat, const struct event *e);
/* Ends all memberships, with a signal that is not dropped, and everything else that names the room.
 * Destroys it. */
void removal_carry_out_take(struct room *r);

/* Adds the signal that the room is removed. */
void removal_write_signal(struct bytes *to, const struct room *r);

/* Submits the removal by the operator. Errors and `done`: see journal_ops.submit. */
enum err removal_submit(const struct room *r, const char *key, journal_done *done, void *arg);
/* Submits the removal of some of the rooms that are old and empty. Call some times a second. */
void removals_tick(struct chat *chat);

#endif

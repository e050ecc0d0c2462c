/* rooms.h - the list of rooms in a welcome. */
#ifndef COMMAND_ROOMS_H
#define COMMAND_ROOMS_H

struct ask;
struct bytes;
struct identity;

/* The question how many mentions the person has not read, in the rooms of which they are a member.
 * Its rows are empty if they have read all there is: then nobody need answer. NULL: no memory. */
struct ask *rooms_ask_unread(const struct identity *i, void (*done)(struct ask *ask), void *arg);
/* Adds "rooms" and "more_rooms": the rooms that the person is a member of, then others, those with
 * the latest events first. `unread`: the rows of the answer. */
void rooms_write_welcome(struct bytes *b, const struct identity *i, const struct bytes *unread);

#endif

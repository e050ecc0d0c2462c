/* rooms.h - the list of rooms in a welcome. */
#ifndef COMMAND_ROOMS_H
#define COMMAND_ROOMS_H

struct bytes;
struct identity;

/* Adds "rooms" and "more_rooms": the rooms that the person is a member of, then others, those with
 * the latest events first. */
void rooms_write_welcome(struct bytes *b, const struct identity *i);

#endif

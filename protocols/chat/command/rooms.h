/* rooms.h - the lists of rooms: in a welcome, and by the command rooms. */
#ifndef COMMAND_ROOMS_H
#define COMMAND_ROOMS_H

#include "private.h"

struct bytes;
struct identity;

#define ROOMS_PAGE 100 /* rooms in one answer, and in a welcome besides those of the person */

/* Adds "rooms" and "more_rooms": the rooms that the person is a member of, then others, those with
 * the latest events first. */
void rooms_write_welcome(struct bytes *b, const struct identity *i);
enum err cmd_rooms(struct session *s, const struct call *c);

#endif

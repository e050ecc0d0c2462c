/* room.h - the commands that join, leave and create rooms: join, leave, create. */
#ifndef COMMAND_ROOM_H
#define COMMAND_ROOM_H

#include "private.h"

enum err cmd_join(struct session *s, const struct call *c);
enum err cmd_leave(struct session *s, const struct call *c);
enum err cmd_create(struct session *s, const struct call *c);

#endif

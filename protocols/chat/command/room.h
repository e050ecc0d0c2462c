/* room.h - coming into rooms and leaving them: join, leave, create. */
#ifndef COMMAND_ROOM_H
#define COMMAND_ROOM_H

#include "private.h"

enum err cmd_join(struct session *s, const struct call *c);
enum err cmd_leave(struct session *s, const struct call *c);
enum err cmd_create(struct session *s, const struct call *c);

#endif

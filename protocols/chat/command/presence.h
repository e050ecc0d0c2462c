/* presence.h - the commands about people in a room: who, away, typing, read. */
#ifndef COMMAND_PRESENCE_H
#define COMMAND_PRESENCE_H

#include "private.h"

enum err cmd_who(struct session *s, const struct call *c);
enum err cmd_away(struct session *s, const struct call *c);
enum err cmd_typing(struct session *s, const struct call *c);
enum err cmd_read(struct session *s, const struct call *c);

#endif

/* message.h - the commands about messages: say, edit, delete. */
#ifndef COMMAND_MESSAGE_H
#define COMMAND_MESSAGE_H

#include "private.h"

enum err cmd_say(struct session *s, const struct call *c);
enum err cmd_edit(struct session *s, const struct call *c);
enum err cmd_delete(struct session *s, const struct call *c);

#endif

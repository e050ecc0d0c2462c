/* history.h - the command for older items of a room: history. */
#ifndef COMMAND_HISTORY_H
#define COMMAND_HISTORY_H

#include "private.h"

enum err cmd_history(struct session *s, const struct call *c);

#endif

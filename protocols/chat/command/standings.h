/* standings.h - the command that lists roles, bans and mutes: standings. */
#ifndef COMMAND_STANDINGS_H
#define COMMAND_STANDINGS_H

#include "private.h"

enum err cmd_standings(struct session *s, const struct call *c);

#endif

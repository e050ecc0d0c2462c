/* standings.h - the list of roles, bans and mutes. */
#ifndef COMMAND_STANDINGS_H
#define COMMAND_STANDINGS_H

#include "private.h"

enum err cmd_standings(struct session *s, const struct call *c);

#endif

/* sanction.h - what an act does to the people in memory: it ends memberships and sessions, and
 * informs the rooms. Loop thread only. */
#ifndef CHAT_SANCTION_H
#define CHAT_SANCTION_H

#include "model.h"

/* Carries out an act in the server's log. Call it after standings_apply(). */
void sanctions_apply(struct chat *chat, const struct event *e);

#endif

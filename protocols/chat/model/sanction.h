/* sanction.h - what an act does to the people in memory: ends memberships and sessions, and tells
 * the rooms. */
#ifndef CHAT_SANCTION_H
#define CHAT_SANCTION_H

#include "model.h"

/* Carries out an act in the server's log, after standings_apply(). */
void sanctions_apply(struct chat *chat, const struct event *e);

#endif

/* poll.h - the commands about polls: poll, vote, close_poll, ballots. */
#ifndef COMMAND_POLL_H
#define COMMAND_POLL_H

#include "private.h"

#define BALLOTS_PAGE 1000 /* votes in one answer, at most */

enum err cmd_poll(struct session *s, const struct call *c);
enum err cmd_vote(struct session *s, const struct call *c);
enum err cmd_close_poll(struct session *s, const struct call *c);
enum err cmd_ballots(struct session *s, const struct call *c);

#endif

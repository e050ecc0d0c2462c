/* moderation.h - the commands about a person: role, kick, ban, unban, mute, unmute, purge. */
#ifndef COMMAND_MODERATION_H
#define COMMAND_MODERATION_H

#include "private.h"

enum err cmd_role(struct session *s, const struct call *c);
enum err cmd_kick(struct session *s, const struct call *c);
enum err cmd_ban(struct session *s, const struct call *c);
enum err cmd_unban(struct session *s, const struct call *c);
enum err cmd_mute(struct session *s, const struct call *c);
enum err cmd_unmute(struct session *s, const struct call *c);
enum err cmd_purge(struct session *s, const struct call *c);

#endif

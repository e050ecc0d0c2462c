/* standings.h - all roles, bans and mutes, in memory, as the server's log says.
 *
 * They are few, and every node follows the server's log, so each gate can ask at once. `r` is a
 * room; NULL: everywhere. */
#ifndef CHAT_STANDINGS_H
#define CHAT_STANDINGS_H

#include "model.h"

#include "chat/base/standing.h"

/* The higher of the roles in the room and everywhere. OPERATOR_ID is the operator. */
enum role standings_role(const struct chat *chat, uint64_t identity, const struct room *r);
/* The rank that protects a person there; everywhere it is the highest of their roles anywhere. */
enum role standings_rank(const struct chat *chat, uint64_t identity, const struct room *r);
/* From this room alone, or from the server. */
bool standings_banned(const struct chat *chat, uint64_t identity, const struct room *r);
bool standings_muted(const struct chat *chat, uint64_t identity, const struct room *r);
/* Any role, ban or mute anywhere: then the nick stays its holder's. */
bool standings_any(const struct chat *chat, uint64_t identity);

/* ERR_MUTED, in the room or everywhere, or OK. */
enum err standings_check_speech(const struct identity *i, const struct room *r);
/* Whether the person may write a new item in the room: ERR_FORBIDDEN, ERR_MUTED, or OK. */
enum err standings_check_post(const struct identity *i, const struct room *r);
/* How long ERR_BANNED or ERR_MUTED holds; 0: until it is lifted, or for any other error. */
uint64_t standings_left_ms(const struct chat *chat, uint64_t identity, const struct room *r,
                           enum err what);

/* ERR_FULL: limits.standings are kept, and this one would be new. */
enum err standings_check_place(struct chat *chat, uint64_t identity, const struct room *r);
/* Adds one at start. ERR_UNAVAILABLE: no memory. */
enum err standings_add(struct chat *chat, const struct standing *s);
/* Applies an act in the server's log. */
void standings_apply(struct chat *chat, const struct event *e);
/* Some times a second: drops those that have ended by themselves. */
void standings_tick(struct chat *chat);
void standings_forget(struct chat *chat);

#endif

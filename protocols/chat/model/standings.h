/* standings.h - all roles, bans and mutes in memory, as the server's log has them.
 * Loop thread only.
 *
 * They are few, and every node follows the server's log, so a gate can check them at once. `r` is a
 * room; NULL: everywhere. */
#ifndef CHAT_STANDINGS_H
#define CHAT_STANDINGS_H

#include "model.h"

#include "chat/base/standing.h"

/* The higher of the roles in the room and everywhere. OPERATOR_ID has ROLE_OPERATOR. */
enum role standings_role(const struct chat *chat, uint64_t identity, const struct room *r);
/* The role that protects a person in the room; everywhere, their highest role in any room. */
enum role standings_rank(const struct chat *chat, uint64_t identity, const struct room *r);
/* In this room alone, or (NULL) everywhere alone. */
bool standings_banned(const struct chat *chat, uint64_t identity, const struct room *r);
bool standings_muted(const struct chat *chat, uint64_t identity, const struct room *r);
/* Any role, ban or mute anywhere: such a holder never loses the nick. */
bool standings_any(const struct chat *chat, uint64_t identity);

/* ERR_MUTED (in the room or everywhere), or OK. */
enum err standings_check_speech(const struct identity *i, const struct room *r);
/* Whether the person may write a new item in the room: ERR_FORBIDDEN, ERR_MUTED, or OK. */
enum err standings_check_post(const struct identity *i, const struct room *r);
/* How long ERR_BANNED or ERR_MUTED still holds; 0: until it is lifted, or for another
 * error. */
uint64_t standings_left_ms(const struct chat *chat, uint64_t identity, const struct room *r,
                           enum err what);

/* ERR_FULL: there are limits.standings already, and this would be a new one. */
enum err standings_check_place(struct chat *chat, uint64_t identity, const struct room *r);
/* Adds a standing at start; the person must have none in its room yet. ERR_UNAVAILABLE: no
 * memory. */
enum err standings_add(struct chat *chat, const struct standing *s);
/* Applies an act in the server's log; ignores other events. */
void standings_apply(struct chat *chat, const struct event *e);
/* Drops standings that have expired, once a minute, some hundreds a tick. Call some times a
 * second. */
void standings_tick(struct chat *chat);
void standings_forget(struct chat *chat);
/* Drops those in a room. */
void standings_forget_room(struct room *r);

#endif

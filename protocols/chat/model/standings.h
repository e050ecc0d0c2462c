/* standing.h - who is more or less than a member: roles, bans and mutes, in one room or everywhere.
 *
 * All of them are in memory, few as they are, so that what somebody may do is known at once and is
 * never older than what the server's log has told, which every node follows. For this folder only;
 * struct standing is in chat.h. */
#ifndef CHAT_STANDINGS_H
#define CHAT_STANDINGS_H

#include "model.h"

/* The higher of her roles in the room and everywhere; without a room (NULL) the latter. Identity 0,
 * the daemon's own, is the operator. */
enum role role_in(const struct chat *chat, uint64_t identity, const struct room *r);

/* ERR_MUTED, in the room (NULL: none) or everywhere, or OK. */
enum err check_speech(const struct identity *i, const struct room *r);
/* Whether she may say something new in it: ERR_FORBIDDEN, ERR_MUTED, or OK. */
enum err check_post(const struct identity *i, const struct room *r);
/* How long ERR_BANNED or ERR_MUTED holds; 0: until it is lifted, or it is another error. */
uint64_t standing_left_ms(const struct chat *chat, uint64_t identity, const struct room *r,
                          enum err what);

/* The rank that protects her there: without a room, the highest of her roles anywhere. */
enum role rank_in(const struct chat *chat, uint64_t identity, const struct room *r);

/* From this room, or (NULL) from the server; in this room, or everywhere. */
bool is_banned(const struct chat *chat, uint64_t identity, const struct room *r);
bool is_muted(const struct chat *chat, uint64_t identity, const struct room *r);

/* Whether she has a role, a ban or a mute anywhere: then her nick is kept for her. */
bool has_standing(const struct chat *chat, uint64_t identity);

/* Whether there is no place for one more standing: ERR_FULL, or OK. */
enum err standing_place(struct chat *chat, uint64_t identity, const struct room *r);

/* A log has told of this event; a room has it in its window. */
void standing_apply(struct chat *chat, const struct event *e);
/* Some times a second: those that have ended by themselves are forgotten. */
void standings_tick(struct chat *chat);

void standings_forget(struct chat *chat);

#endif

/* standing.h - who is more or less than a member: roles, bans and mutes, in one room or everywhere.
 *
 * All of them are in memory, few as they are, so that what somebody may do is known at once and is
 * never older than what the log has told. For this folder only; struct standing is in chat.h. */
#ifndef CHAT_STANDING_H
#define CHAT_STANDING_H

#include "model.h"

/* The higher of her roles in the room and everywhere; without a room (NULL) the latter. Identity 0,
 * the daemon's own, is the operator. */
enum role role_in(const struct chat *chat, uint64_t identity, const struct room *r);

/* ERR_MUTED, in the room (NULL: none) or everywhere, or OK. */
enum err check_speech(const struct identity *i, const struct room *r);
/* Whether she may say something new in it: ERR_FORBIDDEN, ERR_MUTED, or OK. */
enum err check_post(const struct identity *i, const struct room *r);
/* How long ERR_BANNED or ERR_MUTED holds; 0: until it is lifted, or it is another error. */
uint64_t standing_left_ms(const struct identity *i, const struct room *r, enum err what);

/* From this room, or (NULL) from the server. */
bool is_banned(const struct chat *chat, uint64_t identity, const struct room *r);

/* Whether she has a role or a ban anywhere: then her nick is kept for her. */
bool has_standing(const struct chat *chat, uint64_t identity);

/* Whether there is no place for one more standing: ERR_FULL, or OK. */
enum err standing_place(struct chat *chat, uint64_t identity, const struct room *r);

/* The log has told of this event. Before the room has it in its window. */
void standing_apply(struct chat *chat, const struct event *e);
/* … and after that: who is concerned notices it. */
void standing_enforce(struct chat *chat, const struct event *e);

void standings_forget(struct chat *chat);

#endif

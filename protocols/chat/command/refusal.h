/* refusal.h - the only path by which a command is refused. */
#ifndef CHAT_REFUSAL_H
#define CHAT_REFUSAL_H

#include "chat/base/err.h"

#include <stdint.h>

struct room;
struct session;

/* Replies with the error, and closes a session that sends too many bad commands. `room` (where the
 * command was refused), `id` and `field` may be NULL. `wait_ms` 0: what is left of a ban or mute,
 * or unknown. */
void refuse(struct session *s, const struct room *room, const char *id, enum err e,
            const char *field, uint64_t wait_ms);

#endif

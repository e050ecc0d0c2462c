/* refusal.h - the one path by which a command is refused. */
#ifndef CHAT_REFUSAL_H
#define CHAT_REFUSAL_H

#include "chat/base/err.h"

#include <stdint.h>

struct room;
struct session;

/* Tells the error, and closes a session that sends too many bad commands. `room`: where the command
 * was refused, or NULL; `id`, `field` may be NULL; `wait_ms` 0: a ban's or mute's own, or unknown.
 */
void refuse(struct session *s, const struct room *room, const char *id, enum err e,
            const char *field, uint64_t wait_ms);

#endif

/* reply.h - replies to a session's commands. Between reply_begin() and reply_end() the caller adds
 * members to s->out. `id` is that of the command, NULL: it has none. */
#ifndef CHAT_REPLY_H
#define CHAT_REPLY_H

#include "model.h"

size_t reply_begin(struct session *s, const char *type, const char *id);
void reply_end(struct session *s, size_t mark);
/* Nothing, if the command has no id. `room` may be NULL. */
void reply_ok(struct session *s, const char *id, const char *room);
/* `field` is the member that is wrong, or NULL. `wait_ms` is when to try again; 0: not known. */
void reply_error(struct session *s, const char *id, enum err err, const char *field,
                 uint64_t wait_ms);

#endif

/* reply.h - replies to a session's commands, queued in s->out. Loop thread only.
 *
 * Between reply_begin() and reply_end() the caller adds members to s->out. `id` is the command's;
 * NULL: it has none. */
#ifndef CHAT_REPLY_H
#define CHAT_REPLY_H

#include "model.h"

size_t reply_begin(struct session *s, const char *type, const char *id);
/* Charges the sender of the command. Closes the session if there was no memory for the reply. */
void reply_end(struct session *s, size_t mark);
/* Does nothing if `id` is NULL. `room` may be NULL. */
void reply_ok(struct session *s, const char *id, const char *room);
/* `field` is the wrong member, or NULL. `wait_ms` is how long to wait before trying again; 0:
 * unknown. */
void reply_error(struct session *s, const char *id, enum err err, const char *field,
                 uint64_t wait_ms);

#endif

/* session.h - one connection's speaker: what it is told. For the files of this folder only. */
#ifndef CHAT_SESSION_H
#define CHAT_SESSION_H

#include "model.h"

/* The oldest commands wait while so much is on its way out to their sender. */
#define OUT_BYTES_PAUSE ((size_t)64 * 1024)

struct session *session_find(const struct chat *chat, uint64_t id);

/* A frame for the wire, member by member: begin, add, end. */
size_t session_begin(struct bytes *b, const char *type);
void session_add_text(struct bytes *b, const char *name, const char *text);
void session_add_number(struct bytes *b, const char *name, uint64_t n);
void session_add_bool(struct bytes *b, const char *name, bool on);
void session_end(struct bytes *b, size_t mark);

/* A reply: between these two, members are added to s->out. `id` may be NULL. */
size_t reply_begin(struct session *s, const char *type, const char *id);
void reply_end(struct session *s, size_t mark);
void reply_ok(struct session *s, const char *id, const char *room);
/* `field`: which member was wrong, or NULL. `wait_ms`: when to try again, if
 * that is known, or 0. */
void reply_error(struct session *s, const char *id, enum err err, const char *field,
                 uint64_t wait_ms);

/* Sends a frame now, if nothing is in the way. */
void session_signal(struct session *s, const struct bytes *frame);
void session_make_dirty(struct session *s);
/* Sends what is waiting, then lets its rooms and its waiting commands go on. */
void session_flush(struct session *s);
/* Sends frames as they lie; returns the bytes that are done with. */
size_t session_send(struct session *s, const char *frames, size_t n);
/* Obeys nothing more and ends the connection. `reason` is borrowed. */
void session_close(struct session *s, enum close_code code, const char *reason);

/* wheel.c: one wheel turns for all connections and looks at each when its time has come. */
void wheel_init(struct chat *chat);
void wheel_turn(struct chat *chat);
void wheel_add(struct session *s);

#endif

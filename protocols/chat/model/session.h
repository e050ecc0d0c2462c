/* session.h - one connection as the core sees it, from its first byte to its last.
 * Loop thread only. */
#ifndef CHAT_SESSION_H
#define CHAT_SESSION_H

#include "sink.h"

#include "chat/base/rate.h"

struct chat;
struct session;

/* What all connections from one address share. All zero: a new address. */
struct source {
    struct rate nicks, rooms; /* new ones */
    struct rate uploads;      /* their bytes */
    bool unlimited;           /* a unix socket, or limits.connections_per_address is 0 */
};

/* When the source will be like a new address: monotonic, in microseconds. */
uint64_t source_rests_until_us(const struct source *s);

/* `peer` is passed to every function of `ops`. All are borrowed until session_destroy(). NULL: no
 * memory. */
struct session *session_open(struct chat *chat, const struct sink_ops *ops, void *peer,
                             struct source *source);
/* The operator's session: it needs no hello, and may use the commands of moderators and admins, but
 * not those of members. */
struct session *session_open_operator(struct chat *chat, const struct sink_ops *ops, void *peer);
/* Call it when the connection is gone. */
void session_destroy(struct session **s);

/* The client has sent something: it is alive. */
void session_heard(struct session *s);
/* The socket takes bytes again. */
void session_writable(struct session *s);
/* Whether every command has its answer, and all of it is sent. */
bool session_is_idle(const struct session *s);
/* NULL: the session has ended. */
struct session *session_find(const struct chat *chat, uint64_t id);

#endif

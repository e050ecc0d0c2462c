/* session.h - one connection's speaker, from its first byte to its last. Loop thread only. */
#ifndef CHAT_SESSION_H
#define CHAT_SESSION_H

#include "sink.h"

#include "chat/base/rate.h"

struct chat;
struct session;

/* What all connections from one address share. All zero is a new one. */
struct source {
    struct rate nicks; /* new ones */
    bool unlimited;    /* a proxy's, or the machine's own */
};

/* `peer` is the sink's own; both and `source` are borrowed until session_destroy(). NULL: no
 * memory. */
struct session *session_open(struct chat *chat, const struct sink_ops *ops, void *peer,
                             struct source *source);
/* The operator's: it needs no hello, and may do what moderators and admins may, but not what
 * members do. */
struct session *session_open_operator(struct chat *chat, const struct sink_ops *ops, void *peer);
/* The connection is gone. */
void session_destroy(struct session **s);

/* The other side is alive. */
void session_heard(struct session *s);
/* The socket takes bytes again. */
void session_writable(struct session *s);
/* Whether every command has its whole answer. */
bool session_is_idle(const struct session *s);
/* NULL: the session has ended. */
struct session *session_find(const struct chat *chat, uint64_t id);

#endif

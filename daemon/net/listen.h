/* listen.h - accepts connections on listening sockets, and limits them. Accepted sockets go to a
 * vhost. Loop thread only. */
#ifndef LISTEN_H
#define LISTEN_H

#include "refusal.h"

struct listeners;
struct source;
struct uv_loop_s;
struct vhost;
struct vhost_host;

/* per_address: people of one IPv4 address or one IPv6 /64; 0: no limit. Unix sockets have none.
 * all: connections in all. Over these limits, idle connections of `host` end first. NULL: no
 * memory. */
struct listeners *listeners_create(struct uv_loop_s *loop, struct vhost_host *host,
                                   unsigned per_address, size_t all);

/* Takes a socket that listens, also on failure (-1: no memory). Removes unix_path at the end,
 * unless it is NULL. */
int listeners_add_take(struct listeners *ls, int fd, struct vhost *v, const char *unix_path);

/* `source` in these is what vhost_adopt_take() was given. */

/* A connection is to become a person's. False: the address has its share. */
bool listeners_enter(struct listeners *ls, struct source *source);
/* A connection has ended. */
void listeners_closed(struct listeners *ls, struct source *source, bool entered);
/* Counts and logs a refusal. */
void listeners_refuse(struct listeners *ls, const struct source *source, enum refusal why,
                      const char *detail);

/* A few times a second: writes the log lines of refusals that are due. */
void listeners_tick(struct listeners *ls);
/* Appends lines for /metrics. */
void listeners_metrics(const struct listeners *ls, struct bytes *to);

/* Accepts nothing more; connections go on, and listeners_closed() may still be called. */
void listeners_stop(struct listeners *ls);
/* After the loop has closed the handles and all connections have ended. */
void listeners_destroy(struct listeners **ls);

#endif

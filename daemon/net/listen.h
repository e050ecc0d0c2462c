/* listen.h - accepts connections on listening sockets, and limits them. Accepted sockets go to a
 * vhost. Loop thread only. */
#ifndef LISTEN_H
#define LISTEN_H

#include <stdbool.h>
#include <stddef.h>

struct listeners;
struct source;
struct uv_loop_s;
struct vhost;

/* per_address: connections of one IPv4 address or one IPv6 /64; 0: no limit. Unix sockets have
 * none. all: connections in all. NULL: no memory. */
struct listeners *listeners_create(struct uv_loop_s *loop, unsigned per_address, size_t all);

/* Takes a socket that listens, also on failure (-1: no memory). Removes unix_path at the end,
 * unless it is NULL. */
int listeners_add_take(struct listeners *ls, int fd, struct vhost *v, const char *unix_path);

/* A connection has ended; `source` is what vhost_adopt_take() was given. */
void listeners_closed(struct listeners *ls, struct source *source);
/* Connections that a limit has refused. */
size_t listeners_refused(const struct listeners *ls);

/* Accepts nothing more; connections go on, and listeners_closed() may still be called. */
void listeners_stop(struct listeners *ls);
/* After the loop has closed the handles and all connections have ended. */
void listeners_destroy(struct listeners **ls);

#endif

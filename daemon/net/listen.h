/* listen.h - listening sockets: our own or systemd's, and how many connections an address may have.
 * Used by: app.c. Accepted sockets go to a vhost. Loop thread only. */
#ifndef LISTEN_H
#define LISTEN_H

#include <stdbool.h>
#include <stddef.h>

struct conf_listen;
struct listeners;
struct source;
struct uv_loop_s;
struct vhost;

/* per_address: connections of one IPv4 address or one IPv6 /64; 0: no limit. Unix sockets have
 * none. all: connections together. share_ports: other nodes on this machine may listen on the same
 * ports; the kernel deals connections out. Else a second daemon is told. */
struct listeners *listeners_create(struct uv_loop_s *loop, unsigned per_address, size_t all,
                                   bool share_ports);

/* Begins to listen. 0, or -1: it has logged why. */
int listeners_add(struct listeners *ls, const struct conf_listen *where, struct vhost *v);
/* A socket that listens already (systemd's). */
int listeners_add_fd(struct listeners *ls, int fd, struct vhost *v);

/* A connection has ended; `source` is what vhost_adopt_take() was given. */
void listeners_closed(struct listeners *ls, struct source *source);
size_t listeners_refused(const struct listeners *ls);

/* Accepts nothing more; connections go on. Their ends may still be told. */
void listeners_stop(struct listeners *ls);
/* After the loop has closed the handles and all connections have ended. */
void listeners_destroy(struct listeners **ls);

#endif

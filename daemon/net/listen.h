/* listen.h - listening sockets, of the configuration or from systemd, and limits of connections.
 * Accepted sockets go to a vhost. Loop thread only. */
#ifndef LISTEN_H
#define LISTEN_H

#include <stdbool.h>
#include <stddef.h>

struct conf;
struct listeners;
struct source;
struct uv_loop_s;
struct vhost;

/* per_address: connections of one IPv4 address or one IPv6 /64; 0: no limit. Unix sockets have
 * none. all: connections in all. share_ports: other nodes on this machine may listen on the same
 * ports, and the kernel distributes connections among them. NULL: no memory. */
struct listeners *listeners_create(struct uv_loop_s *loop, unsigned per_address, size_t all,
                                   bool share_ports);

/* Listens on the sockets that systemd has passed; if it has passed none, on those of the
 * configuration. `tls` may be NULL if none of these has TLS. 0, or -1: it has logged why. */
int listeners_open(struct listeners *ls, const struct conf *conf, struct vhost *plain,
                   struct vhost *tls);

/* A connection has ended; `source` is what vhost_adopt_take() was given. */
void listeners_closed(struct listeners *ls, struct source *source);
/* Connections that a limit has refused. */
size_t listeners_refused(const struct listeners *ls);

/* Accepts nothing more; connections go on, and listeners_closed() may still be called. */
void listeners_stop(struct listeners *ls);
/* After the loop has closed the handles and all connections have ended. */
void listeners_destroy(struct listeners **ls);

#endif

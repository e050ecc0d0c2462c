/* vhost.h - serves HTTP, the page, and the "chat" protocol over WebSocket on accepted sockets.
 * Hides libwebsockets. Loop thread only. */
#ifndef VHOST_H
#define VHOST_H

#include "vhost_config.h"

struct chat;
struct uv_loop_s;
struct vhost;
struct vhost_host; /* one libwebsockets context for all vhosts of a process */

/* Borrows `loop`. `log` receives the library's errors and warnings, at most five lines a second.
 * NULL: no memory, or the library's event plugin is missing. */
struct vhost_host *vhost_host_create(struct uv_loop_s *loop, void (*log)(const char *line));
/* Ends all connections and starts to close the library's handles. The loop must run until they are
 * closed; then call vhost_host_destroy(). */
void vhost_host_finish(struct vhost_host *host);
void vhost_host_destroy(struct vhost_host **host);

/* Borrows `config` and `chat`. Lives until its host is destroyed. NULL: the page or the certificate
 * cannot be read, or no memory. */
struct vhost *vhost_create(struct vhost_host *host, const struct vhost_config *config,
                           struct chat *chat);

/* Reloads the pages of all vhosts. -1: one cannot be read, and its vhost keeps the old page. */
int vhost_host_reload(struct vhost_host *host);

/* Takes an accepted, non-blocking socket, also on failure (-1). When the connection ends,
 * config.closed() gets `source` back, once; after a failure it is not called. */
int vhost_adopt_take(struct vhost *v, int fd, struct source *source);

#endif

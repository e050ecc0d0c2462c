/* vhost.h - serves HTTP, the page, and the "chat" protocol over WebSocket on accepted sockets.
 * Hides libwebsockets. Loop thread only. */
#ifndef VHOST_H
#define VHOST_H

#include "page.h"
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

/* From now on, all vhosts serve this page. Takes the reference. -1: no memory for its headers;
 * `fault` says so. */
int vhost_host_show_take(struct vhost_host *host, struct page *page, char fault[PAGE_FAULT_BYTES]);
/* Borrowed until the next page. */
const char *vhost_host_page_version(const struct vhost_host *host);

/* Call it when the host has a page. Borrows `config` and `chat`. Lives until its host is destroyed.
 * NULL: the certificate cannot be used, or no memory. */
struct vhost *vhost_create(struct vhost_host *host, const struct vhost_config *config,
                           struct chat *chat);

/* Each time before the loop sleeps. */
void vhost_host_settle(struct vhost_host *host);

bool vhost_is_tls(const struct vhost *v);

/* Ends the kept-alive connection that has waited longest for a request; of one source, unless that
 * is NULL. False: there is none. */
bool vhost_host_give_up_idle(struct vhost_host *host, const struct source *of);

/* Takes an accepted, non-blocking socket, also on failure (-1). When the connection ends,
 * config.closed() gets `source` back, once; after a failure it is not called. */
int vhost_adopt_take(struct vhost *v, int fd, struct source *source);

#endif

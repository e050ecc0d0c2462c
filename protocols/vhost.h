/* vhost.h - the daemon's door: HTTP, the page, and the "chat" protocol over WebSocket.
 * Called by: daemon/main.c, daemon/listen.c. Hides libwebsockets. Loop thread only. */
#ifndef VHOST_H
#define VHOST_H

#include "chat/chat.h"

struct uv_loop_s;
struct vhost;

struct vhost_config {
    const char *www;                /* directory of the page */
    const char *const *origins;     /* allowed besides the request's own host; ends with NULL */
    const char *tls_cert, *tls_key; /* PEM files; NULL: plain */
    /* Called for /readyz: whether events can be stored. Appends lines for people: why not, and what
     * the operator should know. */
    bool (*ready)(void *arg, struct bytes *to);
    /* Appends lines for /metrics after the vhost's own. */
    void (*metrics)(void *arg, struct bytes *to);
    /* Called before anything that came from a socket: chat_clock(). */
    void (*tell_time)(void *arg);
    void (*closed)(void *arg,
                   struct source *source); /* a connection of vhost_adopt_take() has ended */
    void *arg;
};

struct vhost_host; /* one libwebsockets context for all vhosts of a process */

/* Borrows `loop`. `log` is given the library's errors and warnings, a few a second at most. NULL:
 * no memory, or the library's event plugin is missing. */
struct vhost_host *vhost_host_create(struct uv_loop_s *loop, void (*log)(const char *line));
/* Begins the end: the loop must run on until the library's handles are closed. */
void vhost_host_finish(struct vhost_host *host);
/* After that. */
void vhost_host_destroy(struct vhost_host **host);

/* Borrows config and chat. NULL: the page or the certificate cannot be read, or no memory. Lives
 * until its host is destroyed. */
struct vhost *vhost_create(struct vhost_host *host, const struct vhost_config *config,
                           struct chat *chat);

/* Reads the pages of all vhosts anew. -1: one cannot be read, it stays as it was. */
int vhost_host_reload(struct vhost_host *host);

/* Takes an accepted, non-blocking socket, also on failure (-1). `source` comes back once, by
 * closed(), when the connection has ended; not after a failure. */
int vhost_adopt_take(struct vhost *v, int fd, struct source *source);

#endif

/* http.h - the "http" protocol: the page, the addresses for machines, and the checks before a
 * connection becomes a WebSocket. Loop thread only. */
#ifndef HTTP_H
#define HTTP_H

#include <libwebsockets.h>

/* A callback of struct lws_protocols. The user pointer of `wsi`'s vhost is a struct vhost. */
int http_event(struct lws *wsi, enum lws_callback_reasons why, void *user, void *in, size_t n);

#endif

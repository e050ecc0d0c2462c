/* websocket.h - the "chat" protocol: a connection is a peer, and each peer has a session of the
 * core. Loop thread only. */
#ifndef WEBSOCKET_H
#define WEBSOCKET_H

#include <libwebsockets.h>

/* Bytes of memory that the library keeps for each connection, all zero before it is established. */
extern const size_t websocket_peer_size;

struct list;

/* After each turn of the loop: stops reading from peers that do not take what they are sent. The
 * library would look at what they have sent in every turn, and not touch it, when such a connection
 * is to end. */
void websocket_settle(struct list *blocked);

/* A callback of struct lws_protocols. The user pointer of `wsi`'s vhost is a struct vhost; `user`
 * has websocket_peer_size bytes. */
int websocket_event(struct lws *wsi, enum lws_callback_reasons why, void *user, void *in, size_t n);

#endif

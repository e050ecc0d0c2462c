/* private.h - the structs that the files of this folder share. */
#ifndef PROTOCOLS_PRIVATE_H
#define PROTOCOLS_PRIVATE_H

#include "chat/base/bytes.h"
#include "chat/base/list.h"
#include "vhost_config.h"

#include <libwebsockets.h>
#include <stdint.h>

#define HANDSHAKE_SECONDS 10    /* for the header of a request */
#define HEADER_BYTES_MAX  65000 /* beyond, the library only closes. http.c answers above 16 KiB */

struct page;

struct vhost_host {
    struct uv_loop_s *loop;
    struct lws_context *context;
    struct list vhosts; /* vhost.in_host */
    struct page *page;
    struct list blocked; /* visit.in_host: WebSockets, until websocket_settle() */
    struct list idle;    /* visit.in_host, kept alive without a request, the longest first */
    bool ending;
};

/* A connection, from its adoption to its end. */
struct visit {
    struct list in_host; /* vhost_host.idle or vhost_host.blocked, or neither */
    struct vhost_host *host;
    struct lws *wsi;
    struct hold *hold; /* while it does not take its answer */
    struct source *source;
    uint64_t waits_ms; /* visit.c: since when for a request. 0: one has begun */
    uint64_t received; /* bytes, when the last one began */
    unsigned rest_s;   /* for the rest of the body of a request that is answered. 0: it has come */
    bool again;        /* it has had an answer */
    bool ends;         /* after this answer: the beginning of the next request is lost */
    bool person;       /* it is, or becomes, a WebSocket */
};

struct vhost {
    struct list in_host;
    struct vhost_host *host;
    const struct vhost_config *config;
    struct chat *chat;
    struct lws_vhost *lws;
    struct lws_protocols *protocols;
    struct lws_http_mount mount;
    /* headers of every answer: as the library wants them, for its own, and as text */
    struct bytes policy;
    struct bytes head;
    struct lws_protocol_vhost_options headers[8];
};

/* NULL: the connection has no vhost yet. */
static inline struct vhost *vhost_of(struct lws *wsi)
{
    struct lws_vhost *lws = lws_get_vhost(wsi);
    return lws == NULL ? NULL : lws_vhost_user(lws);
}

#endif

/* private.h - the structs that the files of this folder share. */
#ifndef PROTOCOLS_PRIVATE_H
#define PROTOCOLS_PRIVATE_H

#include "chat/base/bytes.h"
#include "chat/base/list.h"
#include "vhost_config.h"

#include <libwebsockets.h>
#include <stdint.h>

#define PAGE_VERSION_CHARS 16

struct vhost {
    struct list in_host;
    const struct vhost_config *config;
    struct chat *chat;
    struct lws_vhost *lws;
    struct lws_protocols *protocols;
    /* the page */
    struct bytes page; /* index.html */
    char version[PAGE_VERSION_CHARS + 1];
    char files[PAGE_VERSION_CHARS + 8]; /* "/v/<version>/" */
    struct lws_http_mount mount;
    /* response headers */
    struct bytes policy;
    struct lws_protocol_vhost_options headers[8];
    uint64_t upgrades_refused;
};

/* NULL: the connection has no vhost yet. */
static inline struct vhost *vhost_of(struct lws *wsi)
{
    struct lws_vhost *lws = lws_get_vhost(wsi);
    return lws == NULL ? NULL : lws_vhost_user(lws);
}

#endif

/* inside.h - what the files of this folder share. Nobody else includes it. */
#ifndef PROTOCOLS_INSIDE_H
#define PROTOCOLS_INSIDE_H

#include "chat/base/list.h"
#include "vhost.h"

#include <libwebsockets.h>

#define PAGE_VERSION_CHARS 16

struct vhost_host {
    struct lws_context *context;
    struct list vhosts; /* vhost.in_host */
};

struct vhost {
    struct list in_host;
    const struct vhost_config *config;
    struct chat *chat;
    struct lws_vhost *lws;
    struct lws_protocols *protocols;
    /* the page: index.html in memory, all else below an address that changes with its content */
    struct bytes page;
    char version[PAGE_VERSION_CHARS + 1];
    char files[PAGE_VERSION_CHARS + 8]; /* "/v/<version>/" */
    struct lws_http_mount mount;
    /* response headers */
    struct bytes policy;
    struct lws_protocol_vhost_options headers[8];
    uint64_t upgrades_refused;
};

static inline struct vhost *vhost_of(struct lws *wsi)
{
    struct lws_vhost *lws = lws_get_vhost(wsi);
    return lws == NULL ? NULL : lws_vhost_user(lws);
}

/* page.c: the page's index.html with its files' versioned addresses. -1: it cannot be read. */
int page_load(struct vhost *v);
/* The MIME type of a file of the page, or NULL: no such name is served (so no path leads out). */
const char *page_type(const char *name);

int http_event(struct lws *wsi, enum lws_callback_reasons why, void *user, void *in, size_t n);
int chat_event(struct lws *wsi, enum lws_callback_reasons why, void *user, void *in, size_t n);

/* chat.c: one connection, all zero before it is established. */
struct peer;
extern const size_t peer_size;

#endif

/* http.c - see http.h. on_request() routes by a table of addresses; on_filter() and on_upgrade()
 * are the gates. */
#include "http.h"

#include "chat/chat.h"
#include "chat/base/metric.h"
#include "origin.h"
#include "page.h"
#include "private.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define HEADER_MAX  512
#define FOR_EVER    "cache-control: public, max-age=31536000, immutable\r\n"
#define STAY_ON_TLS "max-age=15768000" /* half a year */

/* A header's value, or NULL: absent or too long. Known tokens only: the lookup of custom headers
 * reads out of bounds (lws 9a2052759). */
static const char *header(struct lws *wsi, enum lws_token_indexes token, char to[HEADER_MAX])
{
    int n = lws_hdr_copy(wsi, to, HEADER_MAX, token);
    return n <= 0 ? NULL : to;
}

static bool is_sent(struct lws *wsi, enum lws_token_indexes token)
{
    return lws_hdr_total_length(wsi, token) > 0;
}

/* --- answers -------------------------------------------------------------------------------- */

struct answer {
    unsigned status;
    const char *type;
    const char *caching;
    const char *etag; /* or NULL */
    const char *body;
    size_t size;
};

static int add(struct lws *wsi, const char *name, const char *value, unsigned char **p,
               unsigned char *end)
{
    return lws_add_http_header_by_name(wsi, (const unsigned char *)name,
                                       (const unsigned char *)value, (int)strlen(value), p, end);
}

/* The library writes its header into the LWS_PRE bytes before the body. */
static int send_body(struct lws *wsi, const struct answer *a)
{
    static const char header_space[LWS_PRE];
    struct bytes b = {0};
    bytes_add(&b, header_space, sizeof header_space);
    bytes_add(&b, a->body, a->size);
    unsigned char *body = (unsigned char *)b.at + LWS_PRE;
    int sent = b.failed ? -1 : lws_write(wsi, body, a->size, LWS_WRITE_HTTP_FINAL);
    bytes_finish(&b);
    return sent;
}

/* Sends the whole answer. 0: the connection may go on; -1: close it. Strict-Transport-Security is
 * not among the headers of the TLS vhost: of two vhosts without a port, the library takes the
 * headers of the first. */
static int reply(struct lws *wsi, const struct answer *a)
{
    unsigned char buffer[LWS_PRE + 4096], *start = buffer + LWS_PRE, *p = start,
                                          *end = buffer + sizeof buffer - 1;
    bool head_only = is_sent(wsi, WSI_TOKEN_HEAD_URI) || a->size == 0;
    if (lws_add_http_common_headers(wsi, a->status, a->type, a->size, &p, end) ||
        add(wsi, "cache-control:", a->caching, &p, end) ||
        (a->etag != NULL && add(wsi, "etag:", a->etag, &p, end)) ||
        (lws_is_ssl(wsi) && add(wsi, "strict-transport-security:", STAY_ON_TLS, &p, end)) ||
        lws_finalize_write_http_header(wsi, start, &p, end))
        return -1;
    if (!head_only && send_body(wsi, a) < 0)
        return -1;
    return lws_http_transaction_completed(wsi) ? -1 : 0;
}

static int reply_text(struct lws *wsi, unsigned status, const char *text)
{
    return reply(wsi, &(struct answer){.status = status,
                                       .type = "text/plain; charset=utf-8",
                                       .caching = "no-store",
                                       .body = text,
                                       .size = strlen(text)});
}

/* Refuses an upgrade. 1 means to the library: the callback has answered. */
static int refuse(struct lws *wsi, unsigned status, const char *text)
{
    return lws_return_http_status(wsi, status, text) ? -1 : 1;
}

/* Refuses a request before it is routed, and ends the connection: nothing after it is read. */
static int refuse_and_close(struct lws *wsi, unsigned status, const char *text)
{
    lws_return_http_status(wsi, status, text);
    return -1;
}

/* --- addresses ------------------------------------------------------------------------------ */

static int on_page(struct vhost *v, struct lws *wsi)
{
    char weak[PAGE_VERSION_CHARS + 5], given[HEADER_MAX], *etag = weak + 2;
    snprintf(weak, sizeof weak, "W/\"%s\"",
             v->version); /* a compressing proxy makes the ETag weak */
    const char *has = header(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH, given);
    struct answer a = {.status = 200,
                       .type = "text/html; charset=utf-8",
                       .caching = "no-cache",
                       .etag = etag,
                       .body = v->page.at,
                       .size = v->page.size};
    if (has != NULL && (header_names(has, etag) || header_names(has, weak))) {
        a.status = 304;
        a.size = 0;
    }
    return reply(wsi, &a);
}

static int on_ready(struct vhost *v, struct lws *wsi)
{
    struct bytes lines = {0};
    bool ready = v->config->ready(v->config->arg, &lines);
    bytes_add(&lines, "", 1);
    int done = lines.failed ? -1 : reply_text(wsi, ready ? 200 : 503, lines.at);
    bytes_finish(&lines);
    return done;
}

static int on_health(struct vhost *v, struct lws *wsi)
{
    (void)v;
    return reply_text(wsi, 200, "ok\n");
}

static int on_metrics(struct vhost *v, struct lws *wsi)
{
    struct bytes b = {0};
    struct chat_stats s = chat_stats(v->chat);
    metric_add_gauge(&b, "rooms", s.rooms);
    metric_add_gauge(&b, "sessions", s.sessions);
    metric_add_gauge(&b, "identities", s.identities);
    metric_add_gauge(&b, "members", s.members);
    metric_add_counter(&b, "commands_total", s.commands);
    metric_add_counter(&b, "errors_total", s.errors);
    metric_add_counter(&b, "events_total", s.events);
    metric_add_counter(&b, "signals_total", s.signals);
    metric_add_counter(&b, "archive_fetches_total", s.fetches);
    metric_add_counter(&b, "closed_slow_total", s.closed_slow);
    metric_add_counter(&b, "closed_flood_total", s.closed_flood);
    metric_add_counter(&b, "closed_no_hello_total", s.closed_no_hello);
    metric_add_counter(&b, "upgrades_refused_total", v->upgrades_refused);
    v->config->metrics(v->config->arg, &b);
    int result = b.failed ? -1
                          : reply(wsi, &(struct answer){.status = 200,
                                                        .type = "text/plain; version=0.0.4",
                                                        .caching = "no-store",
                                                        .body = b.at,
                                                        .size = b.size});
    bytes_finish(&b);
    return result;
}

static const struct {
    const char *path;
    int (*answer)(struct vhost *v, struct lws *wsi);
} addresses[] = {
    {"/", on_page}, {"/healthz", on_health}, {"/readyz", on_ready}, {"/metrics", on_metrics}};

static int not_found(struct lws *wsi) { return reply_text(wsi, 404, "There is nothing here.\n"); }

/* A file of the page, which never changes under its address. The library reads and sends it. */
static int on_file(struct vhost *v, struct lws *wsi, const char *name)
{
    const char *more =
        lws_is_ssl(wsi) ? FOR_EVER "strict-transport-security: " STAY_ON_TLS "\r\n" : FOR_EVER;
    char path[4096];
    struct stat st;
    const char *type = page_type(name);
    int n = snprintf(path, sizeof path, "%s/%s", v->config->www, name);
    if (type == NULL || n >= (int)sizeof path || stat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return not_found(wsi);
    n = lws_serve_http_file(wsi, path, type, more, (int)strlen(more));
    return n < 0 || (n > 0 && lws_http_transaction_completed(wsi)) ? -1 : 0;
}

static int on_request(struct vhost *v, struct lws *wsi)
{
    char uri[HEADER_MAX];
    bool head = is_sent(wsi, WSI_TOKEN_HEAD_URI);
    const char *path = header(wsi, head ? WSI_TOKEN_HEAD_URI : WSI_TOKEN_GET_URI, uri);
    if (path == NULL)
        return reply_text(wsi, 414, "That address is too long.\n");
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
        if (strcmp(path, addresses[i].path) == 0)
            return addresses[i].answer(v, wsi);
    if (strncmp(path, v->files, strlen(v->files)) == 0)
        return on_file(v, wsi, path + strlen(v->files));
    if (strcmp(path, "/chat") == 0)
        return reply_text(wsi, 426, "This address speaks WebSocket only.\n");
    return not_found(wsi);
}

/* --- gates ---------------------------------------------------------------------------------- */

/* No address takes a body: a length is an attempt to hide a second request in the first. */
static bool has_body(struct lws *wsi)
{
    char length[HEADER_MAX];
    const char *given = header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, length);
    return is_sent(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) &&
           (given == NULL || strcmp(given, "0") != 0);
}

/* Checks every request before it is routed. 0: it may go on. */
static int on_filter(struct vhost *v, struct lws *wsi)
{
    char host[HEADER_MAX];
    if (is_sent(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING)) /* lws would not decode it */
        return refuse_and_close(wsi, 411, "A length is required.\n");
    if (!is_sent(wsi, WSI_TOKEN_GET_URI) && !is_sent(wsi, WSI_TOKEN_HEAD_URI))
        return refuse_and_close(wsi, 405, "GET and HEAD only.\n");
    if (has_body(wsi))
        return refuse_and_close(wsi, 400, "No body is taken here.\n");
    if (!host_allowed(header(wsi, WSI_TOKEN_HOST, host), v->config->origins))
        return refuse_and_close(wsi, 421, "Not served here.\n");
    return 0;
}

/* Checks an upgrade. Copies each header: the library's own pointer `in` is stale here
 * (CVE-2025-11677). */
static int on_upgrade(struct vhost *v, struct lws *wsi)
{
    char upgrade[HEADER_MAX], origin[HEADER_MAX], host[HEADER_MAX], names[HEADER_MAX],
        version[HEADER_MAX], path[HEADER_MAX];
    const char *to = header(wsi, WSI_TOKEN_UPGRADE, upgrade);
    const char *uri = header(wsi, WSI_TOKEN_GET_URI, path);
    const char *protocols = header(wsi, WSI_TOKEN_PROTOCOL, names);
    const char *revision = header(wsi, WSI_TOKEN_VERSION, version);
    const char *from = header(wsi, WSI_TOKEN_ORIGIN, origin);
    const char *our = header(wsi, WSI_TOKEN_HOST, host);

    v->upgrades_refused++;
    if (to == NULL || strcasecmp(to, "websocket") != 0) /* also h2c */
        return -1;
    if (uri == NULL || strcmp(uri, "/chat") != 0)
        return refuse(wsi, 404, "There is nothing here.\n");
    /* here, too, because the library does not call on_filter() for upgrades */
    if (!host_allowed(our, v->config->origins))
        return refuse(wsi, 421, "Not served here.\n");
    if ((from == NULL && is_sent(wsi, WSI_TOKEN_ORIGIN)) ||
        !origin_allowed(from, our, v->config->origins))
        return refuse(wsi, 403, "This page may not connect here.\n");
    if (protocols == NULL || !header_names(protocols, "chat"))
        return refuse(wsi, 400, "The subprotocol is \"chat\".\n");
    if (revision == NULL || strcmp(revision, "13") != 0)
        return refuse(wsi, 400, "WebSocket version 13 only.\n");
    v->upgrades_refused--;
    return 0;
}

static int on_destroyed(struct vhost *v, struct lws *wsi)
{
    struct source *source = lws_get_opaque_user_data(wsi);
    if (v != NULL && source != NULL)
        v->config->closed(v->config->arg, source);
    return 0;
}

int http_event(struct lws *wsi, enum lws_callback_reasons why, void *user, void *in, size_t n)
{
    struct vhost *v = wsi == NULL ? NULL : vhost_of(wsi);
    switch (why) {
    case LWS_CALLBACK_FILTER_HTTP_CONNECTION: return on_filter(v, wsi);
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: return on_upgrade(v, wsi);
    case LWS_CALLBACK_HTTP: return on_request(v, wsi);
    case LWS_CALLBACK_ESTABLISHED: /* a WebSocket whose first subprotocol is "http" */
    case LWS_CALLBACK_RAW_ADOPT:   /* CONNECT: no tunnels here */
    case LWS_CALLBACK_RAW_RX: return -1;
    case LWS_CALLBACK_WSI_DESTROY: return on_destroyed(v, wsi);
    default: return lws_callback_http_dummy(wsi, why, user, in, n);
    }
}

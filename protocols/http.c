/* http.c - see http.h. on_request() routes by a table of addresses; on_filter() and on_upgrade()
 * are the gates. */
#include "http.h"

#include "chat/chat.h"
#include "answer.h"
#include "chat/base/metric.h"
#include "field.h"
#include "origin.h"
#include "page.h"
#include "private.h"

#include <stdio.h>
#include <string.h>

#define HEADER_MAX 512
#define FOR_EVER   "public, max-age=31536000, immutable"
#define REVALIDATE "no-cache"

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

/* The ETag is weak, because a file has two forms, and proxies make more. */
static int send_file(struct vhost *v, struct lws *wsi, const struct file *f, const char *caching)
{
    char tag[PAGE_VERSION_CHARS + 3], more[128], given[HEADER_MAX];
    const char *accepted = header(wsi, WSI_TOKEN_HTTP_ACCEPT_ENCODING, given);
    bool zipped = f->gzip.size > 0 && accepted != NULL && field_accepts(accepted, "gzip");
    const struct bytes *body = zipped ? &f->gzip : &f->plain;
    snprintf(tag, sizeof tag, "\"%s\"", page_version(v->host->page));
    snprintf(more, sizeof more, "etag: W/%s\r\nvary: accept-encoding\r\n%s", tag,
             zipped ? "content-encoding: gzip\r\n" : "");
    const char *has = header(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH, given);
    return answer_send(
        v, wsi,
        &(struct answer){.status = has != NULL && field_has_tag(has, tag) ? 304 : 200,
                         .type = f->type,
                         .caching = caching,
                         .more = more,
                         .body = body->at,
                         .size = body->size});
}

static int on_page(struct vhost *v, struct lws *wsi)
{
    return send_file(v, wsi, page_find(v->host->page, "index.html"), REVALIDATE);
}

static int on_ready(struct vhost *v, struct lws *wsi)
{
    struct bytes lines = {0};
    bool ready = v->config->ready(v->config->arg, &lines);
    bytes_add(&lines, "", 1);
    int done = lines.failed ? -1 : answer_text(v, wsi, ready ? 200 : 503, NULL, lines.at);
    bytes_finish(&lines);
    return done;
}

static int on_health(struct vhost *v, struct lws *wsi)
{
    return answer_text(v, wsi, 200, NULL, "ok\n");
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
                          : answer_send(v, wsi,
                                        &(struct answer){.status = 200,
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

static int not_found(struct vhost *v, struct lws *wsi)
{
    return answer_text(v, wsi, 404, NULL, "There is nothing here.\n");
}

/* A file of the page, at "/v/VERSION/NAME". Under the address of another version, an old one or
 * that of another node, is what there is now, and no cache keeps it as that. */
static int on_file(struct vhost *v, struct lws *wsi, const char *version)
{
    size_t n = strspn(version, "0123456789abcdef");
    const struct file *f = n == PAGE_VERSION_CHARS && version[n] == '/'
                               ? page_find(v->host->page, version + n + 1)
                               : NULL;
    if (f == NULL)
        return not_found(v, wsi);
    bool current = memcmp(version, page_version(v->host->page), n) == 0;
    return send_file(v, wsi, f, current ? FOR_EVER : REVALIDATE);
}

static int answer_request(struct vhost *v, struct lws *wsi)
{
    char uri[HEADER_MAX];
    bool head = is_sent(wsi, WSI_TOKEN_HEAD_URI);
    const char *path = header(wsi, head ? WSI_TOKEN_HEAD_URI : WSI_TOKEN_GET_URI, uri);
    if (path == NULL)
        return answer_text(v, wsi, 414, NULL, "That address is too long.\n");
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
        if (strcmp(path, addresses[i].path) == 0)
            return addresses[i].answer(v, wsi);
    if (strncmp(path, "/v/", 3) == 0)
        return on_file(v, wsi, path + 3);
    if (strcmp(path, "/chat") == 0)
        return answer_text(v, wsi, 426, "upgrade: websocket\r\n",
                           "This address speaks WebSocket only.\n");
    return not_found(v, wsi);
}

static int on_request(struct vhost *v, struct lws *wsi)
{
    return answer_request(v, wsi) != 0 || lws_http_transaction_completed(wsi) ? -1 : 0;
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
    if (protocols == NULL || !field_names(protocols, "chat"))
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

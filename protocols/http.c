/* http.c - see http.h. on_request() routes by a table of addresses; on_filter() and on_upgrade()
 * are the gates, and refuse() is how they say no. */
#include "http.h"

#include "chat/chat.h"
#include "answer.h"
#include "chat/base/metric.h"
#include "field.h"
#include "hold.h"
#include "library.h"
#include "origin.h"
#include "page.h"
#include "photo.h"
#include "private.h"
#include "request.h"
#include "upload.h"
#include "visit.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <uv.h>

#define NAME_MAX_CHARS 100 /* of a host or an origin, in texts */
#define DRAIN_BYTES    (1024 * 1024)
#define FOR_EVER       "public, max-age=31536000, immutable"
#define REVALIDATE     "no-cache"

/* --- refusals ------------------------------------------------------------------------------- */

/* The one way to refuse a request. `detail` (NULL: none) is for the log, `text` (NULL: that of the
 * reason) for the client. 0, or -1: the connection is dead. */
static int refuse(struct vhost *v, struct lws *wsi, enum refusal why, const char *detail,
                  const char *text)
{
    const struct visit *visit = lws_get_opaque_user_data(wsi);
    const struct refusal_answer *a = refusal_answer(why);
    v->config->refused(v->config->arg, visit->source, why, detail);
    return answer_text(v, wsi, a->status, a->more, text != NULL ? text : a->text);
}

/* Reads what is left of a request that ends its connection: closing with unread bytes makes a
 * reset, which can overtake the answer. */
static int drain(struct lws *wsi)
{
    char piece[4096];
    for (int n = 0; n < DRAIN_BYTES; n += (int)sizeof piece)
        if (recv(lws_get_socket_fd(wsi), piece, sizeof piece, MSG_DONTWAIT) <= 0)
            break;
    return -1;
}

/* Refuses a request before it is routed, and ends the connection: nothing after it is obeyed. */
static int refuse_and_close(struct vhost *v, struct lws *wsi, enum refusal why, const char *detail)
{
    refuse(v, wsi, why, detail, NULL);
    return drain(wsi);
}

/* Copies a header for the log and for texts: only what can be in an origin or a host. */
static const char *harmless(const char *value, char to[NAME_MAX_CHARS + 1])
{
    size_t n = 0;
    for (; value != NULL && value[n] != '\0' && n < NAME_MAX_CHARS; n++)
        to[n] = isalnum((unsigned char)value[n]) || strchr(".-_:/[]", value[n]) != NULL ? value[n]
                                                                                        : '?';
    to[n] = '\0';
    return n == 0 ? "none" : to;
}

static int refuse_origin(struct vhost *v, struct lws *wsi, const char *origin, const char *host)
{
    char a[NAME_MAX_CHARS + 1], b[NAME_MAX_CHARS + 1], detail[300], text[600];
    const char *from = harmless(origin, a), *to = harmless(host, b);
    snprintf(detail, sizeof detail, "origin=%s host=%s", from, to);
    snprintf(
        text, sizeof text,
        "%sIt is of %s, but asks for the host %s. If a proxy is between, it must pass the Host "
        "header on (nginx: proxy_set_header Host $host), or `origins` must list the page.\n",
        refusal_answer(REFUSAL_ORIGIN)->text, from, to);
    return refuse(v, wsi, REFUSAL_ORIGIN, detail, text);
}

/* --- addresses ------------------------------------------------------------------------------ */

/* The ETag is weak, because a file has two forms, and proxies make more. After on_h2c(), the
 * library ends the transaction at once, so only what goes out in one write can be an answer. */
static int send_file(struct vhost *v, struct lws *wsi, const struct file *f, const char *caching)
{
    char tag[PAGE_VERSION_CHARS + 3], more[128], given[REQUEST_VALUE_MAX];
    const char *accepted = request_header(wsi, WSI_TOKEN_HTTP_ACCEPT_ENCODING, given);
    bool zipped = f->gzip.size > 0 && accepted != NULL && field_accepts(accepted, "gzip");
    const struct bytes *body = zipped ? &f->gzip : &f->plain;
    snprintf(tag, sizeof tag, "\"%s\"", page_version(v->host->page));
    snprintf(more, sizeof more, "etag: W/%s\r\nvary: accept-encoding\r\n%s", tag,
             zipped ? "content-encoding: gzip\r\n" : "");
    const char *has = request_header(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH, given);
    bool h2c = request_has(wsi, WSI_TOKEN_UPGRADE);
    if (h2c && body->size > HOLD_PIECE_BYTES)
        return refuse(v, wsi, REFUSAL_H2C, NULL, NULL);
    return answer_send(
        v, wsi,
        &(struct answer){.page = h2c ? NULL : v->host->page,
                         .status = has != NULL && field_has_tag(has, tag) ? 304 : 200,
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

/* Monitoring asks by address, or without Host. */
static const struct address {
    const char *path;
    int (*answer)(struct vhost *v, struct lws *wsi);
    bool any_host;
} addresses[] = {{"/", on_page, false},
                 {"/healthz", on_health, true},
                 {"/readyz", on_ready, true},
                 {"/metrics", on_metrics, true}};

static const struct address *find_address(const char *path)
{
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
        if (strcmp(path, addresses[i].path) == 0)
            return &addresses[i];
    return NULL;
}

static int not_found(struct vhost *v, struct lws *wsi)
{
    return answer_text(v, wsi, 404, NULL, "There is nothing here.\n");
}

/* A file of the page, at "/v/VERSION/NAME". A request for another version, an old one
 * or that of another node, gets the current file, which no cache keeps. */
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
    char uri[REQUEST_VALUE_MAX];
    const char *path = request_path(wsi, uri);
    if (path == NULL)
        return answer_text(v, wsi, 414, NULL, "That address is too long.\n");
    const struct address *address = find_address(path);
    if (address != NULL)
        return address->answer(v, wsi);
    if (strncmp(path, "/photos/", 8) == 0)
        return request_has(wsi, WSI_TOKEN_UPGRADE) ? refuse(v, wsi, REFUSAL_H2C, NULL, NULL)
                                                   : photo_answer(v, wsi, path + 8);
    if (strncmp(path, "/v/", 3) == 0)
        return on_file(v, wsi, path + 3);
    if (strcmp(path, "/chat") == 0)
        return refuse(v, wsi, REFUSAL_UPGRADE, NULL, NULL);
    return not_found(v, wsi);
}

/* --- idle connections ----------------------------------------------------------------------- */

/* A request begins: the connection is not idle. */
static void begin(struct lws *wsi)
{
    struct visit *visit = lws_get_opaque_user_data(wsi);
    list_remove(&visit->in_host);
    visit->rest_s = 0;
    visit_go_on(visit, wsi);
}

static int on_request(struct vhost *v, struct lws *wsi, struct posting **posting)
{
    if (request_is_upload(wsi)) {
        int begun = upload_begin(v, wsi, posting);
        if (begun != 0)
            return drain(wsi);
        return *posting != NULL ? 0 : hold_end_transaction(wsi);
    }
    return answer_request(v, wsi) != 0 ? -1 : hold_end_transaction(wsi);
}

/* --- gates ---------------------------------------------------------------------------------- */

static bool serves_host(struct vhost *v, struct lws *wsi, const char *host)
{
    char uri[REQUEST_VALUE_MAX];
    const char *path = request_path(wsi, uri);
    const struct address *address = path == NULL ? NULL : find_address(path);
    return (address != NULL && address->any_host) || host_allowed(host, v->config->origins);
}

static int refuse_host(struct vhost *v, struct lws *wsi, const char *host)
{
    char name[NAME_MAX_CHARS + 1], detail[150];
    snprintf(detail, sizeof detail, "host=%s", harmless(host, name));
    return refuse_and_close(v, wsi, REFUSAL_HOST, detail);
}

/* Checks every request before it is routed. 0: it may go on. */
static int on_filter(struct vhost *v, struct lws *wsi)
{
    char given[REQUEST_VALUE_MAX];
    begin(wsi);
    enum refusal fault = request_fault(wsi);
    if (fault != REFUSAL_COUNT)
        return refuse_and_close(v, wsi, fault, NULL);
    const char *host = request_header(wsi, WSI_TOKEN_HOST, given);
    return serves_host(v, wsi, host) ? 0 : refuse_host(v, wsi, host);
}

/* An upgrade to what nobody speaks here is ignored (RFC 9110, 7.8). */
static int on_h2c(struct vhost *v, struct lws *wsi)
{
    return on_filter(v, wsi) != 0 || answer_request(v, wsi) != 0 ? -1 : 1;
}

/* The first fault of an upgrade to WebSocket. REFUSAL_COUNT: none. */
static enum refusal fault_of(struct lws *wsi)
{
    char value[REQUEST_VALUE_MAX];
    const char *path = request_header(wsi, WSI_TOKEN_GET_URI, value);
    if (path == NULL || strcmp(path, "/chat") != 0)
        return REFUSAL_PATH;
    const char *protocols = request_header(wsi, WSI_TOKEN_PROTOCOL, value);
    if (protocols == NULL || !field_names(protocols, "chat"))
        return REFUSAL_PROTOCOL;
    const char *version = request_header(wsi, WSI_TOKEN_VERSION, value);
    return version == NULL || strcmp(version, "13") != 0 ? REFUSAL_VERSION : REFUSAL_COUNT;
}

/* The schemes of pages that come from here. Behind a unix socket is a proxy, which may speak TLS.
 */
static enum origin_schemes schemes_of(struct lws *wsi)
{
    int family = 0;
    socklen_t size = sizeof family;
    getsockopt(lws_get_socket_fd(wsi), SOL_SOCKET, SO_DOMAIN, &family, &size);
    return family == AF_UNIX ? ORIGIN_ANY : lws_is_ssl(wsi) ? ORIGIN_HTTPS : ORIGIN_HTTP;
}

/* 0: it becomes a WebSocket. 1: it is answered. -1: the connection ends. */
static int judge_upgrade(struct vhost *v, struct lws *wsi)
{
    char origin[REQUEST_VALUE_MAX], given[REQUEST_VALUE_MAX];
    struct visit *visit = lws_get_opaque_user_data(wsi);
    const char *from = request_header(wsi, WSI_TOKEN_ORIGIN, origin);
    const char *host = request_header(wsi, WSI_TOKEN_HOST, given);
    enum refusal fault = request_fault(wsi);
    if (fault != REFUSAL_COUNT)
        return refuse_and_close(v, wsi, fault, NULL);
    fault = fault_of(wsi);
    if (fault == REFUSAL_PATH)
        return refuse(v, wsi, fault, NULL, NULL) == 0 ? 1 : -1;
    if (!host_allowed(host, v->config->origins))
        return refuse_host(v, wsi, host);
    if ((from == NULL && request_has(wsi, WSI_TOKEN_ORIGIN)) ||
        !origin_allowed(from, host, schemes_of(wsi), v->config->origins))
        return refuse_origin(v, wsi, from, host) == 0 ? 1 : -1;
    if (fault != REFUSAL_COUNT)
        return refuse(v, wsi, fault, NULL, NULL) == 0 ? 1 : -1;
    visit->person = v->config->enter(v->config->arg, visit->source);
    return visit->person ? 0 : refuse(v, wsi, REFUSAL_ADDRESS, NULL, NULL) == 0 ? 1 : -1;
}

/* Copies each header: the library's own pointer `in` is stale here (CVE-2025-11677). The library
 * does not call on_filter() for upgrades. */
static int on_upgrade(struct vhost *v, struct lws *wsi)
{
    char upgrade[REQUEST_VALUE_MAX];
    const char *to = request_header(wsi, WSI_TOKEN_UPGRADE, upgrade);
    bool websocket = to != NULL && strcasecmp(to, "websocket") == 0;
    if (!websocket && (to == NULL || strcasecmp(to, "h2c") != 0))
        return -1; /* the library has answered it with 403 */
    begin(wsi);
    if (request_is_upload(wsi)) /* its body would be read as the next request */
        return refuse_and_close(v, wsi, REFUSAL_BODY, NULL);
    int verdict = websocket ? judge_upgrade(v, wsi) : on_h2c(v, wsi);
    return verdict == 1 && hold_end_transaction(wsi) != 0 ? -1 : verdict;
}

/* Ends the connection at once: its way to the client is full, or a body comes too slowly. */
static int on_timer(struct vhost *v, struct lws *wsi, struct posting **posting)
{
    struct visit *visit = lws_get_opaque_user_data(wsi);
    if (visit->hold == NULL && visit->rest_s > 0) { /* it has its answer */
        visit_go_on(visit, wsi);
        return -1;
    }
    if (posting != NULL && *posting != NULL ? !upload_is_late(*posting) : !hold_is_stuck(wsi))
        return 0;
    v->config->refused(v->config->arg, visit->source, REFUSAL_STUCK, "answered=partly");
    lws_set_timeout(wsi, PENDING_TIMEOUT_CLOSE_SEND, LWS_TO_KILL_ASYNC);
    return 0;
}

/* A method that the library does not know, CONNECT, or no HTTP at all. */
static int on_no_http(struct vhost *v, struct lws *wsi)
{
    begin(wsi);
    return refuse_and_close(v, wsi, REFUSAL_METHOD, NULL);
}

/* The library has no use for the connection any more, but its socket is not yet closed. */
static int on_closed(struct vhost *v, struct lws *wsi)
{
    struct visit *visit = lws_get_opaque_user_data(wsi);
    if (visit != NULL) {
        if (library_ran_out() && visit->waits_ms != 0)
            v->config->refused(v->config->arg, visit->source, REFUSAL_HEADERS, "answered=no");
        else if (visit_was_cut(visit, wsi, uv_now(visit->host->loop)))
            v->config->refused(v->config->arg, visit->source, REFUSAL_MALFORMED, NULL);
        visit_go_on(visit, wsi);
        hold_finish(visit);
        list_remove(&visit->in_host);
    }
    return 0;
}

static int on_destroyed(struct vhost *v, struct lws *wsi)
{
    struct visit *visit = lws_get_opaque_user_data(wsi);
    if (v == NULL || visit == NULL)
        return 0;
    on_closed(v, wsi); /* not told of every one */
    v->config->closed(v->config->arg, visit->source, visit->person);
    free(visit);
    return 0;
}

int http_event(struct lws *wsi, enum lws_callback_reasons why, void *user, void *in, size_t n)
{
    struct vhost *v = wsi == NULL ? NULL : vhost_of(wsi);
    switch (why) {
    case LWS_CALLBACK_FILTER_HTTP_CONNECTION: return on_filter(v, wsi);
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: return on_upgrade(v, wsi);
    case LWS_CALLBACK_HTTP: return on_request(v, wsi, user);
    case LWS_CALLBACK_HTTP_BODY: return upload_body(*(struct posting **)user, in, n);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION: return 0; /* the photo is not made yet */
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL: return upload_abandon(user);
    case LWS_CALLBACK_HTTP_WRITEABLE: return hold_write(wsi);
    case LWS_CALLBACK_TIMER: return on_timer(v, wsi, user);
    case LWS_CALLBACK_ESTABLISHED: return -1; /* a WebSocket whose first subprotocol is "http" */
    case LWS_CALLBACK_RAW_ADOPT: return 0;    /* LWS_CALLBACK_RAW_RX follows */
    case LWS_CALLBACK_RAW_RX: return on_no_http(v, wsi);
    case LWS_CALLBACK_RAW_CLOSE: return on_closed(v, wsi);
    case LWS_CALLBACK_CLOSED_HTTP: return upload_abandon(user), on_closed(v, wsi);
    case LWS_CALLBACK_WSI_DESTROY: return on_destroyed(v, wsi);
    default: return lws_callback_http_dummy(wsi, why, user, in, n);
    }
}

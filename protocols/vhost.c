/* vhost.c - see vhost.h. Sets libwebsockets up: one context on the daemon's loop, a vhost for each
 * kind of listener, its mount and its headers. */
#include "vhost.h"

#include "http.h"
#include "library.h"
#include "private.h"
#include "visit.h"
#include "websocket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

/* The receive buffer is small, because each connection has one and most messages fit; the send
 * buffer is large, so that one write takes many frames. */
static const struct lws_protocols protocols_template[] = {
    {"http", http_event, sizeof(struct posting *), 0, 0, NULL, 65536},
    {"chat", websocket_event, 0, 256, 0, NULL, 65536},
    {NULL, NULL, 0, 0, 0, NULL, 0},
};

/* Turns off the validity timers of the library: the core has one wheel for all connections
 * (chat/model/wheel.c). */
static const lws_retry_bo_t no_validity = {0};

/* --- headers of every response -------------------------------------------------------------- */

/* Allows scripts and styles of this host and the page's import map, no markup from strings, and
 * sockets to this host and to the configured origins. */
static struct bytes make_policy(const struct vhost *v)
{
    struct bytes b = {0};
    const char *hash = page_script_hash(v->host->page);
    bytes_add_text(&b, "default-src 'none'; script-src 'self'");
    if (*hash != '\0') {
        bytes_add_text(&b, " 'sha256-");
        bytes_add_text(&b, hash);
        bytes_add_text(&b, "'");
    }
    bytes_add_text(&b, "; style-src 'self'; img-src 'self' blob:; connect-src 'self'");
    for (const char *const *origin = v->config->origins; *origin != NULL; origin++) {
        bool tls = strncmp(*origin, "https", 5) == 0;
        bytes_add_text(&b, tls ? " wss" : " ws");
        bytes_add_text(&b, *origin + (tls ? 5 : 4));
    }
    bytes_add_text(&b, "; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; "
                       "require-trusted-types-for 'script'; trusted-types 'none'");
    bytes_add(&b, "", 1);
    return b;
}

/* Again with each page. -1: no memory, and the headers are those from before. */
static int set_headers(struct vhost *v)
{
    struct bytes policy = make_policy(v), head = {0};
    const struct {
        const char *name, *value;
    } all[] = {
        {"content-security-policy:", policy.at},
        {"x-content-type-options:", "nosniff"},
        {"referrer-policy:", "no-referrer"},
        {"cross-origin-opener-policy:", "same-origin"},
        {"cross-origin-resource-policy:", "same-origin"},
        {"permissions-policy:", "camera=(), geolocation=(), microphone=(), payment=()"},
    };
    const size_t n = sizeof all / sizeof *all;
    for (size_t i = 1; i < n; i++) { /* answers have policies of their own */
        bytes_add_text(&head, all[i].name);
        bytes_add(&head, " ", 1);
        bytes_add_text(&head, all[i].value);
        bytes_add(&head, "\r\n", 2);
    }
    if (policy.failed || head.failed) {
        bytes_finish(&policy);
        bytes_finish(&head);
        return -1;
    }
    for (size_t i = 0; i < n; i++)
        v->headers[i] = (struct lws_protocol_vhost_options){
            .name = all[i].name,
            .value = all[i].value,
            .next = i + 1 < n ? &v->headers[i + 1] : NULL,
        };
    bytes_finish(&v->policy);
    bytes_finish(&v->head);
    v->policy = policy;
    v->head = head;
    return 0;
}

/* One mount takes all requests, and http.c routes them. A file mount of the library would answer
 * its name without a slash with a redirect to the request's Host, which may be forged. */
static void set_mount(struct vhost *v)
{
    v->mount = (struct lws_http_mount){.mountpoint = "/",
                                       .mountpoint_len = 1,
                                       .origin = "http",
                                       .protocol = "http",
                                       .origin_protocol = LWSMPRO_CALLBACK};
}

/* --- the context ---------------------------------------------------------------------------- */

struct vhost_host *vhost_host_create(struct uv_loop_s *loop, void (*log)(const char *line))
{
    library_log(log);
    struct vhost_host *host = calloc(1, sizeof *host);
    if (host == NULL)
        return NULL;
    void *loops[] = {loop};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
        .foreign_loops = loops,
        .retry_and_idle_policy = &no_validity,
        .pt_serv_buf_size = 32768,
        .max_http_header_data = HEADER_BYTES_MAX,
        .timeout_secs = HANDSHAKE_SECONDS,
    };
    info.gid = ~info.gid; /* -1, as signed in one version of the library and unsigned in another: */
    info.uid = ~info.uid; /* the process keeps its user */
    host->loop = loop;
    list_init(&host->vhosts);
    list_init(&host->idle);
    list_init(&host->blocked);
    host->context = lws_create_context(&info);
    if (host->context == NULL) {
        free(host);
        return NULL;
    }
    return host;
}

static void vhost_destroy(struct vhost *v)
{
    bytes_finish(&v->policy);
    bytes_finish(&v->head);
    free(v->protocols);
    free(v);
}

void vhost_host_finish(struct vhost_host *host)
{
    host->ending = true;
    lws_context_destroy(host->context);
}

void vhost_host_destroy(struct vhost_host **host_at)
{
    struct vhost_host *host = *host_at;
    if (host == NULL)
        return;
    lws_context_destroy(host->context); /* again: frees what waited for the loop's handles */
    list_each(l, next, &host->vhosts) vhost_destroy(list_entry(l, struct vhost, in_host));
    page_unref(&host->page);
    free(host);
    *host_at = NULL;
}

int vhost_host_show_take(struct vhost_host *host, struct page *page, char fault[PAGE_FAULT_BYTES])
{
    page_unref(&host->page);
    host->page = page;
    int result = 0;
    list_each(l, next, &host->vhosts) result |= set_headers(list_entry(l, struct vhost, in_host));
    if (result != 0)
        snprintf(fault, PAGE_FAULT_BYTES, "no memory");
    return result;
}

const char *vhost_host_page_version(const struct vhost_host *host)
{
    return page_version(host->page);
}

void vhost_host_settle(struct vhost_host *host) { websocket_settle(&host->blocked); }

bool vhost_host_give_up_idle(struct vhost_host *host, const struct source *of)
{
    list_each(l, next, &host->idle)
    {
        struct visit *visit = list_entry(l, struct visit, in_host);
        if (of != NULL && visit->source != of)
            continue;
        list_remove(l);
        visit_go_on(visit, visit->wsi);
        lws_set_timeout(visit->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
        return true;
    }
    return false;
}

/* --- a vhost -------------------------------------------------------------------------------- */

static struct lws_vhost *create_lws(struct vhost_host *host, struct vhost *v)
{
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .options =
            LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
            LWS_SERVER_OPTION_FALLBACK_TO_APPLY_LISTEN_ACCEPT_CONFIG, /* http.c: on_no_http() */
        .vhost_name = v->config->tls_cert == NULL ? "plain" : "tls",
        .protocols = v->protocols,
        .mounts = &v->mount,
        .headers = v->headers,
        .retry_and_idle_policy = &no_validity,
        .timeout_secs = HANDSHAKE_SECONDS,
        .keepalive_timeout = HANDSHAKE_SECONDS,
        .alpn = "http/1.1",
        .user = v,
        .ssl_cert_filepath = v->config->tls_cert,
        .ssl_private_key_filepath = v->config->tls_key,
    };
    return lws_create_vhost(host->context, &info);
}

struct vhost *vhost_create(struct vhost_host *host, const struct vhost_config *config,
                           struct chat *chat)
{
    struct vhost *v = calloc(1, sizeof *v);
    if (v == NULL)
        return NULL;
    v->host = host;
    v->config = config;
    v->chat = chat;
    v->protocols = malloc(sizeof protocols_template);
    if (v->protocols == NULL)
        goto failed;
    memcpy(v->protocols, protocols_template, sizeof protocols_template);
    v->protocols[1].per_session_data_size = websocket_peer_size;
    if (set_headers(v) != 0)
        goto failed;
    set_mount(v);
    v->lws = create_lws(host, v);
    if (v->lws == NULL)
        goto failed;
    list_add(&host->vhosts, &v->in_host);
    return v;
failed:
    vhost_destroy(v);
    return NULL;
}

bool vhost_is_tls(const struct vhost *v) { return v->config->tls_cert != NULL; }

int vhost_adopt_take(struct vhost *v, int fd, struct source *source)
{
    struct visit *visit = calloc(1, sizeof *visit);
    if (visit == NULL) {
        close(fd);
        return -1;
    }
    list_init(&visit->in_host);
    visit->host = v->host;
    visit->source = source;
    visit_wait(visit, uv_now(v->host->loop));
    visit->wsi = lws_adopt_socket_vhost(v->lws, fd);
    if (visit->wsi == NULL) {
        free(visit);
        return -1;
    }
    lws_set_opaque_user_data(visit->wsi, visit);
    return 0;
}

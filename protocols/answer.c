/* answer.c - see answer.h. It writes the head itself: the library would write the body apart, in a
 * system call of its own, and calls every first request HTTP/1.0 that asks for an upgrade. */
#include "answer.h"

#include "hold.h"
#include "private.h"
#include "shelf_ops.h"

#include <string.h>

#define STAY_ON_TLS "strict-transport-security: max-age=15768000\r\n" /* half a year */

static const char *name_of(unsigned status)
{
    static const struct {
        unsigned status;
        const char *name;
    } names[] = {
        {200, "OK"},
        {201, "Created"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {411, "Length Required"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {421, "Misdirected Request"},
        {426, "Upgrade Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {503, "Service Unavailable"},
        {507, "Insufficient Storage"},
        {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].status == status)
            return names[i].name;
    return "";
}

static void add_line(struct bytes *b, const char *name, const char *value)
{
    bytes_add_text(b, name);
    bytes_add_text(b, value);
    bytes_add(b, "\r\n", 2);
}

static void add_head(struct bytes *b, const struct vhost *v, const struct answer *a, bool tls)
{
    bytes_add_text(b, "HTTP/1.1 ");
    bytes_add_u64(b, a->status);
    add_line(b, " ", name_of(a->status));
    bytes_add(b, v->head.at, v->head.size);
    add_line(b, "content-security-policy: ", a->policy == NULL ? v->policy.at : a->policy);
    if (tls)
        bytes_add_text(b, STAY_ON_TLS);
    if (a->status != 304) {
        add_line(b, "content-type: ", a->type);
        bytes_add_text(b, "content-length: ");
        bytes_add_u64(b, a->size + a->unread);
        bytes_add(b, "\r\n", 2);
    }
    if (a->more != NULL)
        bytes_add_text(b, a->more);
    add_line(b, "cache-control: ", a->caching);
    bytes_add(b, "\r\n", 2);
}

/* How much of a body goes into the first write, behind the head. */
static size_t fitting(const struct bytes *head, size_t size)
{
    size_t space = HOLD_PIECE_BYTES + LWS_PRE - head->size;
    return size < space ? size : space;
}

int answer_send(struct vhost *v, struct lws *wsi, const struct answer *a)
{
    static const char library_space[LWS_PRE]; /* before everything that lws_write() gets */
    bool has_body = a->status != 304 && lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) == 0;
    size_t size = has_body ? a->size : 0, unread = has_body ? a->unread : 0;
    struct bytes b = {0};
    bytes_add(&b, library_space, sizeof library_space);
    add_head(&b, v, a, lws_is_ssl(wsi));
    size_t now = a->page == NULL && a->view == NULL ? size : fitting(&b, size);
    bytes_add(&b, a->body, now);
    int sent = b.failed ? -1
                        : lws_write(wsi, (unsigned char *)b.at + LWS_PRE, b.size - LWS_PRE,
                                    LWS_WRITE_HTTP);
    bytes_finish(&b);
    struct hold_rest rest = {.page = a->page,
                             .view = a->view,
                             .shelf = a->shelf,
                             .at = a->body + now,
                             .size = size - now,
                             .unread = unread};
    if (sent >= 0 && hold_if_choked(wsi, &rest) == 0)
        return 0;
    if (a->view != NULL)
        a->shelf->view_close(&rest.view);
    return -1;
}

int answer_text(struct vhost *v, struct lws *wsi, unsigned status, const char *more,
                const char *text)
{
    return answer_send(v, wsi,
                       &(struct answer){.status = status,
                                        .type = "text/plain; charset=utf-8",
                                        .caching = "no-store",
                                        .more = more,
                                        .body = text,
                                        .size = strlen(text)});
}

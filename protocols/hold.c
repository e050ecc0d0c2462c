/* hold.c - see hold.h. The library can stop reading from an HTTP connection, but then does not
 * write to it either (ops-h1.c:629). So a poll on a second descriptor of the socket says when it
 * takes bytes, and lws_service_fd() lets the library write them.
 *
 * Each time the socket takes bytes, the client has STUCK_SECONDS for the next ones. Linux says so
 * after about HOLD_PIECE_BYTES (listen.c sets TCP_NOTSENT_LOWAT to twice that), so this is also the
 * least rate: about 2 KB/s. */
#include "hold.h"

#include "page.h"
#include "private.h"
#include "shelf_ops.h"
#include "visit.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#define NOW           (LWS_RXFLOW_REASON_USER_BOOL | LWS_RXFLOW_REASON_FLAG_PROCESS_NOW)
#define TURN_BYTES    (8 * HOLD_PIECE_BYTES) /* others wait meanwhile */
#define STUCK_SECONDS 15                     /* as for a WebSocket: chat/model/wheel.c */

struct hold {
    uv_poll_t poll;
    struct visit *visit;
    struct hold_rest rest;
    int fd;
};

static struct hold *hold_of(struct lws *wsi)
{
    const struct visit *visit = lws_get_opaque_user_data(wsi);
    return visit == NULL ? NULL : visit->hold;
}

/* --- time ----------------------------------------------------------------------------------- */

/* The library cannot cancel a timer (4.1.6): without a hold, its end means nothing. */
static void renew(struct lws *wsi)
{
    lws_set_timer_usecs(wsi, STUCK_SECONDS * (lws_usec_t)1000000);
}

bool hold_is_stuck(struct lws *wsi)
{
    const struct hold *h = hold_of(wsi);
    if (h == NULL)
        return false;
    struct pollfd writable = {.fd = h->fd, .events = POLLOUT};
    if (poll(&writable, 1, 0) == 0)
        return true;
    renew(wsi); /* the daemon has been stopped: it is its turn, not the client's */
    return false;
}

/* --- a hold ends ---------------------------------------------------------------------------- */

static void on_closed(uv_handle_t *handle)
{
    struct hold *h = handle->data;
    close(h->fd);
    free(h);
}

void hold_finish(struct visit *visit)
{
    struct hold *h = visit->hold;
    if (h == NULL)
        return;
    page_unref(&h->rest.page);
    if (h->rest.view != NULL)
        h->rest.shelf->view_close(&h->rest.view);
    uv_close((uv_handle_t *)&h->poll, on_closed);
    visit->hold = NULL;
}

int hold_end_transaction(struct lws *wsi)
{
    struct visit *visit = lws_get_opaque_user_data(wsi);
    if (visit->hold != NULL)
        return 0;
    if (visit->ends || lws_http_transaction_completed(wsi))
        return -1;
    visit->again = true;
    if (visit->rest_s > 0)
        lws_set_timer_usecs(wsi, visit->rest_s * (lws_usec_t)1000000);
    visit_wait(visit, uv_now(visit->host->loop));
    list_remove(&visit->in_host);
    list_add(&visit->host->idle, &visit->in_host);
    return 0;
}

static void let_go(struct visit *visit)
{
    hold_finish(visit);
    if (hold_end_transaction(visit->wsi) != 0)
        lws_set_timeout(visit->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
    else
        lws_callback_on_writable(visit->wsi); /* else requests that it has read may wait for ever */
}

_Static_assert(LWS_PRE <= SHELF_SPACE_BYTES, "a view has the library's space before a piece");

/* --- writing -------------------------------------------------------------------------------- */

static void take_piece(struct hold *h)
{
    h->rest.at = h->rest.shelf->view_piece(h->rest.view, &h->rest.size);
    h->rest.unread -= h->rest.size;
}

static bool read_now(struct hold *h)
{
    bool there = h->rest.unread > 0 && h->rest.shelf->view_read_now(h->rest.view);
    if (there)
        take_piece(h);
    return there;
}

/* The library may write in front of the bytes. There a view has space; a page is everybody's, and
 * so is copied. */
static int write_piece(struct hold *h, size_t n)
{
    unsigned char copy[LWS_PRE + HOLD_PIECE_BYTES];
    if (h->rest.view != NULL)
        return lws_write(h->visit->wsi, (unsigned char *)h->rest.at, n, LWS_WRITE_HTTP);
    memcpy(copy + LWS_PRE, h->rest.at, n);
    return lws_write(h->visit->wsi, copy + LWS_PRE, n, LWS_WRITE_HTTP);
}

int hold_write(struct lws *wsi)
{
    struct hold *h = hold_of(wsi);
    for (size_t written = 0, n; h != NULL && written < TURN_BYTES; written += n) {
        if (h->rest.size == 0 && !read_now(h))
            break;
        bool all = h->rest.view != NULL || h->rest.size < HOLD_PIECE_BYTES;
        n = all ? h->rest.size : HOLD_PIECE_BYTES;
        if (write_piece(h, n) < 0)
            return -1;
        h->rest.at += n;
        h->rest.size -= n;
        if (lws_send_pipe_choked(wsi))
            break;
    }
    return 0;
}

/* The library sends what it has, or else calls hold_write(); or it ends the connection. */
static void let_write(struct lws *wsi)
{
    struct pollfd writable = {.fd = lws_get_socket_fd(wsi), .events = POLLOUT, .revents = POLLOUT};
    lws_rx_flow_control(wsi, LWS_RXFLOW_REASON_APPLIES_ENABLE | NOW);
    lws_service_fd(lws_get_context(wsi), &writable);
}

static void on_writable(uv_poll_t *poll, int status, int events);

/* The hold has the next piece of its view. */
static void on_read(void *hold, enum shelf_fault fault)
{
    struct hold *h = hold;
    if (fault != SHELF_FINE) { /* half an answer is out */
        lws_set_timeout(h->visit->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
        return;
    }
    take_piece(h);
    renew(h->visit->wsi);
    uv_poll_start(&h->poll, UV_WRITABLE, on_writable);
}

static void on_writable(uv_poll_t *poll, int status, int events)
{
    struct hold *h = poll->data;
    struct lws *wsi = h->visit->wsi;
    (void)status, (void)events;
    let_write(wsi);
    if (uv_is_closing((uv_handle_t *)poll)) /* the connection has ended */
        return;
    bool all_given = h->rest.size == 0 && !lws_send_pipe_choked(wsi);
    if (all_given && h->rest.unread == 0) {
        let_go(h->visit);
        return;
    }
    lws_rx_flow_control(wsi, LWS_RXFLOW_REASON_APPLIES_DISABLE | NOW);
    renew(wsi);
    if (all_given && !read_now(h)) {
        uv_poll_stop(poll);
        h->rest.shelf->view_read(h->rest.view, on_read, h);
    }
}

/* --- a hold begins -------------------------------------------------------------------------- */

static struct hold *create(struct visit *visit)
{
    struct hold *h = calloc(1, sizeof *h);
    if (h == NULL)
        return NULL;
    h->fd = fcntl(lws_get_socket_fd(visit->wsi), F_DUPFD_CLOEXEC, 0);
    if (h->fd < 0 || uv_poll_init(visit->host->loop, &h->poll, h->fd) != 0) {
        if (h->fd >= 0)
            close(h->fd);
        free(h);
        return NULL;
    }
    h->visit = visit;
    h->poll.data = h;
    return h;
}

int hold_request(struct lws *wsi)
{
    struct visit *visit = lws_get_opaque_user_data(wsi);
    visit->hold = create(visit);
    if (visit->hold == NULL)
        return -1;
    lws_rx_flow_control(wsi, LWS_RXFLOW_REASON_APPLIES_DISABLE | NOW);
    lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0);
    return 0;
}

void hold_await_take(struct lws *wsi, struct view *view, const struct shelf_ops *shelf)
{
    struct hold *h = hold_of(wsi);
    h->rest.view = view;
    h->rest.shelf = shelf;
}

struct view *hold_take_view(struct lws *wsi)
{
    struct hold *h = hold_of(wsi);
    struct view *view = h->rest.view;
    h->rest.view = NULL;
    return view;
}

int hold_if_choked(struct lws *wsi, const struct hold_rest *rest)
{
    struct visit *visit = lws_get_opaque_user_data(wsi);
    bool all_given = rest->size == 0 && rest->unread == 0 && !lws_send_pipe_choked(wsi);
    if (visit->hold == NULL && all_given)
        return 0;
    if (visit->hold == NULL && hold_request(wsi) != 0)
        return -1;
    visit->hold->rest = *rest;
    page_ref(rest->page);
    renew(wsi);
    uv_poll_start(&visit->hold->poll, UV_WRITABLE, on_writable);
    return 0;
}

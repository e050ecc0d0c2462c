/* hold.c - see hold.h. The library can stop reading from an HTTP connection, but then does not
 * write to it either (ops-h1.c:629). So a poll on a second descriptor of the socket says when it
 * takes bytes, and lws_service_fd() lets the library write them. */
#include "hold.h"

#include "private.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#define NOW (LWS_RXFLOW_REASON_USER_BOOL | LWS_RXFLOW_REASON_FLAG_PROCESS_NOW)

struct hold {
    uv_poll_t poll;
    struct visit *visit;
    int fd;
};

static void on_closed(uv_handle_t *handle)
{
    struct hold *h = handle->data;
    close(h->fd);
    free(h);
}

void hold_finish(struct visit *visit)
{
    if (visit->hold != NULL)
        uv_close((uv_handle_t *)&visit->hold->poll, on_closed);
    visit->hold = NULL;
}

/* Whether the connection is still there. */
static bool let_write(struct lws *wsi)
{
    struct pollfd writable = {.fd = lws_get_socket_fd(wsi), .events = POLLOUT, .revents = POLLOUT};
    lws_rx_flow_control(wsi, LWS_RXFLOW_REASON_APPLIES_ENABLE | NOW);
    return lws_service_fd(lws_get_context(wsi), &writable) == 0;
}

static void on_writable(uv_poll_t *poll, int status, int events)
{
    struct hold *h = poll->data;
    struct visit *visit = h->visit;
    (void)status, (void)events;
    if (!let_write(visit->wsi)) {
        hold_finish(visit);
        return;
    }
    if (lws_send_pipe_choked(visit->wsi)) {
        lws_rx_flow_control(visit->wsi, LWS_RXFLOW_REASON_APPLIES_DISABLE | NOW);
        return;
    }
    hold_finish(visit);
    list_remove(&visit->in_host);
    list_add(&visit->host->idle, &visit->in_host);
    lws_callback_on_writable(visit->wsi); /* else requests that it has read may wait for ever */
}

int hold_if_choked(struct lws *wsi)
{
    struct visit *visit = lws_get_opaque_user_data(wsi);
    if (visit->hold != NULL || !lws_send_pipe_choked(wsi))
        return 0;
    struct hold *h = calloc(1, sizeof *h);
    if (h == NULL)
        return -1;
    h->fd = fcntl(lws_get_socket_fd(wsi), F_DUPFD_CLOEXEC, 0);
    if (h->fd < 0 || uv_poll_init(visit->host->loop, &h->poll, h->fd) != 0) {
        if (h->fd >= 0)
            close(h->fd);
        free(h);
        return -1;
    }
    h->visit = visit;
    h->poll.data = h;
    visit->hold = h;
    lws_rx_flow_control(wsi, LWS_RXFLOW_REASON_APPLIES_DISABLE | NOW);
    uv_poll_start(&h->poll, UV_WRITABLE, on_writable);
    return 0;
}

/* visit.c - see visit.h. The library does not say why it ends a connection, but the system knows
 * how many bytes have come. */
#include "visit.h"

#include "private.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

/* 0: unknown, as of a unix socket; or not of requests alone. */
static uint64_t bytes_received(struct lws *wsi)
{
    struct tcp_info info = {0};
    socklen_t size = sizeof info;
    if (lws_is_ssl(wsi))
        return 0;
    getsockopt(lws_get_socket_fd(wsi), IPPROTO_TCP, TCP_INFO, &info, &size);
    return info.tcpi_bytes_received;
}

void visit_wait(struct visit *visit, uint64_t now_ms) { visit->waits_ms = now_ms; }

void visit_go_on(struct visit *visit, struct lws *wsi)
{
    visit->waits_ms = 0;
    visit->received = bytes_received(wsi);
}

/* Bytes count if they came with the request before, too: so it was cut if the client is still there
 * and the time is not over. Without a socket, the library has answered an odd Upgrade. */
static bool is_left(const struct visit *visit, struct lws *wsi, uint64_t now_ms)
{
    char c;
    ssize_t n = recv(lws_get_socket_fd(wsi), &c, 1, MSG_PEEK | MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN && (errno != EBADF || lws_is_ssl(wsi))))
        return false;
    return now_ms - visit->waits_ms < (HANDSHAKE_SECONDS - 1) * 1000;
}

bool visit_was_cut(const struct visit *visit, struct lws *wsi, uint64_t now_ms)
{
    if (visit->waits_ms == 0 || visit->host->ending)
        return false;
    return bytes_received(wsi) > visit->received + 1 /* the end counts as a byte */ ||
           is_left(visit, wsi, now_ms);
}

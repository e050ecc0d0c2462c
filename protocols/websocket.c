/* websocket.c - see websocket.h. frame_feed() joins received bytes to messages for the session; the
 * session's frames go to the socket as they are. */
#include "websocket.h"

#include "chat/base/wire.h"
#include "chat/command/command.h"
#include "chat/model/session.h"
#include "chat/chat.h"
#include "frame.h"
#include "private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define CLOSE_SECONDS    5     /* for the client to answer the close frame */
#define CLOSE_REASON_MAX 123   /* bytes (RFC 6455, 5.5) */
#define TLS_RECORD       16384 /* bytes */

struct peer {
    struct lws *wsi;
    struct session *session;
    struct chat *chat;
    struct frame frame;
    enum close_code closing; /* 0: open */
    char *reason;
    bool close_sent;
    bool tls;
    bool asked; /* for on_writable() */
    bool deaf;  /* websocket_settle() has stopped the reading */
};

const size_t websocket_peer_size = sizeof(struct peer);

/* --- the way out ---------------------------------------------------------------------------- */

static void want_writable(struct peer *p)
{
    p->asked = true;
    lws_callback_on_writable(p->wsi);
}

/* --- a client that does not read ------------------------------------------------------------ */

/* A reason of the library's flow control; bit 0 is that of peer_listen(). */
#define UNREAD (1 << 1)

/* Stops reading after the turn, so that a client that reads slowly is still heard once each time
 * that its socket takes bytes. */
void websocket_settle(struct list *blocked)
{
    list_each(l, next, blocked)
    {
        struct peer *p = lws_wsi_user(list_entry(l, struct visit, in_host)->wsi);
        list_remove(l);
        p->deaf = lws_partial_buffered(p->wsi);
        if (p->deaf)
            lws_rx_flow_control(p->wsi, LWS_RXFLOW_REASON_APPLIES_DISABLE | UNREAD);
    }
}

static void hear_again(struct peer *p)
{
    if (!p->deaf)
        return;
    p->deaf = false;
    lws_rx_flow_control(p->wsi, LWS_RXFLOW_REASON_APPLIES_ENABLE | UNREAD);
    want_writable(p); /* see peer_listen() */
}

static void note_blocked(struct peer *p)
{
    p->asked = true; /* by the library, when it has sent the rest */
    struct visit *visit = lws_get_opaque_user_data(p->wsi);
    list_remove(&visit->in_host);
    list_add(&visit->host->blocked, &visit->in_host);
}

/* The socket took part of a frame: gives the rest to the library, which sends it by itself. */
static bool leave_rest(struct peer *p, const char *rest, size_t n)
{
    note_blocked(p);
    return lws_write(p->wsi, (unsigned char *)(uintptr_t)rest, n, LWS_WRITE_RAW) >= 0;
}

/* The first border between frames at or after byte `n`. */
static size_t border_after(const char *frames, size_t n)
{
    size_t border = 0;
    while (border < n)
        border += wire_size(frames + border);
    return border;
}

static ptrdiff_t send_plain(struct peer *p, const char *frames, size_t n)
{
    ssize_t sent = send(lws_get_socket_fd(p->wsi), frames, n, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent == (ssize_t)n)
        return (ptrdiff_t)n;
    if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
        return -1;

    size_t done = sent < 0 ? 0 : (size_t)sent, border = border_after(frames, done);
    if (border > done && !leave_rest(p, frames + done, border - done))
        return -1; /* half a frame is out */
    want_writable(p);
    return (ptrdiff_t)border;
}

/* Sends through the library, a few frames at a time. The library keeps what TLS does not take, so
 * each write here ends at a border. */
static ptrdiff_t send_tls(struct peer *p, const char *frames, size_t n)
{
    size_t done = 0;
    while (done < n && !lws_partial_buffered(p->wsi)) {
        size_t piece =
            border_after(frames + done, n - done < TLS_RECORD ? n - done : TLS_RECORD / 2);
        if (lws_write(p->wsi, (unsigned char *)(uintptr_t)(frames + done), piece, LWS_WRITE_RAW) <
            0)
            return -1;
        done += piece;
    }
    if (done < n || lws_partial_buffered(p->wsi)) {
        note_blocked(p);
        want_writable(p);
    }
    return (ptrdiff_t)done;
}

/* This connection cannot go on. The library does not see that by itself: it does not poll a socket
 * of which it wants neither to read nor to write. */
static void end_soon(struct peer *p)
{
    lws_set_timeout(p->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
    lws_cancel_service(lws_get_context(p->wsi)); /* it looks at its timers then */
}

static ptrdiff_t peer_send(void *peer, const char *frames, size_t n)
{
    struct peer *p = peer;
    if (lws_partial_buffered(p->wsi)) {
        want_writable(p);
        return 0;
    }
    ptrdiff_t sent = p->tls ? send_tls(p, frames, n) : send_plain(p, frames, n);
    if (sent < 0)
        end_soon(p);
    return sent;
}

/* One byte of payload, because the library does not report empty pongs (ops-ws.c:591). */
static void peer_ping(void *peer)
{
    static const char ping[] = "\x89\x01p";
    peer_send(peer, ping, sizeof ping - 1);
}

/* The library holds bytes that it read before it was stopped. With libuv it delivers them only at
 * the socket's next event, so want_writable() makes one (fixed in lws 4d6322d5b, 2023). */
static void peer_listen(void *peer, bool on)
{
    struct peer *p = peer;
    p->asked = true; /* by the library, if it holds bytes */
    lws_rx_flow_control(p->wsi, on);
    if (on)
        want_writable(p);
}

/* Sends a close frame (RFC 6455, 5.5.1). The library sends none when a WRITEABLE callback returns
 * -1: service.c takes that for a dead socket. The client's answer arrives in on_peer_close(). */
static void send_close(struct peer *p)
{
    char frame[4 + CLOSE_REASON_MAX];
    size_t n = strnlen(p->reason == NULL ? "" : p->reason, CLOSE_REASON_MAX);
    frame[0] = (char)0x88;
    frame[1] = (char)(2 + n);
    frame[2] = (char)(p->closing >> 8);
    frame[3] = (char)(p->closing & 0xff);
    memcpy(frame + 4, p->reason == NULL ? "" : p->reason, n);
    p->close_sent = peer_send(p, frame, 4 + n) == (ptrdiff_t)(4 + n);
}

/* The timeout cuts a client that does not answer. lws_cancel_service() makes the library look at
 * its timers. */
static void peer_close(void *peer, enum close_code code, const char *reason)
{
    struct peer *p = peer;
    if (p->closing != 0)
        return; /* the client was faster */
    p->closing = code;
    p->reason = strdup(reason);
    lws_set_timeout(p->wsi, PENDING_TIMEOUT_CLOSE_ACK, CLOSE_SECONDS);
    send_close(p);
    lws_cancel_service(lws_get_context(p->wsi));
}

static const struct sink_ops sink = {peer_send, peer_close, peer_ping, peer_listen};

static int close_now(struct lws *wsi, enum close_code code, const char *reason)
{
    lws_close_reason(wsi, (enum lws_close_status)code, (unsigned char *)(uintptr_t)reason,
                     strlen(reason));
    return -1;
}

/* --- the connection's life ------------------------------------------------------------------ */

static int on_open(struct vhost *v, struct peer *p, struct lws *wsi)
{
    const struct visit *visit = lws_get_opaque_user_data(wsi);
    *p = (struct peer){.wsi = wsi, .chat = v->chat, .tls = lws_is_ssl(wsi)};
    p->session = session_open(v->chat, &sink, p, visit->source);
    return p->session == NULL ? -1 : 0;
}

static int on_message(struct peer *p, struct lws *wsi, const struct frame_piece *piece, size_t most)
{
    struct frame_message m;
    switch (frame_feed(&p->frame, piece, most, &m)) {
    case FRAME_MORE: return 0;
    case FRAME_TOO_BIG: return close_now(wsi, CLOSE_TOO_BIG, "too big");
    case FRAME_NOT_UTF8: return close_now(wsi, CLOSE_NOT_UTF8, "not UTF-8");
    case FRAME_WHOLE: break;
    }
    command_obey(p->session, m.text, m.size);
    frame_finish(&p->frame); /* an idle connection keeps no buffer */
    return 0;
}

/* The library calls this with the first byte of a frame's payload: a length that is too large ends
 * the connection then. A header alone is not shown (ops-ws.c:340), and its connection ends as an
 * idle one does, or with the answer to a ping, which is payload. */
static int on_bytes(struct peer *p, struct lws *wsi, const char *in, size_t n)
{
    if (p->session == NULL)
        return -1;
    if (p->closing != 0)
        return 0; /* after a close frame no command runs */
    session_heard(p->session);
    if (lws_frame_is_binary(wsi))
        return close_now(wsi, CLOSE_BINARY, "text only");
    struct frame_piece piece = {.at = in,
                                .size = n,
                                .announced = lws_remaining_packet_payload(wsi),
                                .last = lws_is_final_fragment(wsi)};
    return on_message(p, wsi, &piece, chat_message_bytes(p->chat));
}

static int on_pong(struct peer *p)
{
    if (p->session != NULL)
        session_heard(p->session);
    return 0;
}

/* The library answers pings and tells nobody; but after each pong it calls this, unasked
 * (ops-ws.c:1321). */
static int on_writable(struct peer *p, struct lws *wsi)
{
    if (p->session == NULL)
        return -1;
    bool after_pong = !p->asked && p->closing == 0;
    p->asked = false;
    hear_again(p);
    if (after_pong)
        command_ping(p->session);
    if (p->closing != 0 && !p->close_sent)
        send_close(p);
    else if (p->closing == 0 && !lws_partial_buffered(wsi))
        session_writable(p->session);
    return 0;
}

/* Non-zero: this frame answers ours, or half a code is answered, and the connection ends. 0: the
 * library answers it. No command runs after it. */
static int on_peer_close(struct peer *p, size_t n)
{
    bool ends = p->closing != 0;
    p->closing = n == 1 ? CLOSE_PROTOCOL : CLOSE_NORMAL;
    if (!ends && n == 1) {
        send_close(p);
        ends = true;
    }
    p->close_sent = true;
    return ends;
}

static int on_closed(struct peer *p, struct lws *wsi)
{
    struct visit *visit = lws_get_opaque_user_data(wsi);
    if (p == NULL)
        return 0;
    list_remove(&visit->in_host);
    session_destroy(&p->session);
    frame_finish(&p->frame);
    free(p->reason);
    p->reason = NULL;
    return 0;
}

int websocket_event(struct lws *wsi, enum lws_callback_reasons why, void *user, void *in, size_t n)
{
    struct vhost *v = wsi == NULL ? NULL : vhost_of(wsi);
    struct peer *p = user; /* NULL for reasons of the whole vhost */
    if (v != NULL && p != NULL)
        v->config->tell_time(v->config->arg);
    switch (why) {
    case LWS_CALLBACK_ESTABLISHED: return on_open(v, p, wsi);
    case LWS_CALLBACK_RECEIVE: return on_bytes(p, wsi, in, n);
    case LWS_CALLBACK_RECEIVE_PONG: return on_pong(p);
    case LWS_CALLBACK_SERVER_WRITEABLE: return on_writable(p, wsi);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE: return on_peer_close(p, n);
    case LWS_CALLBACK_CLOSED: return on_closed(p, wsi);
    default: return 0;
    }
}

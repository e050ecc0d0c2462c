/* chat.c - the "chat" protocol: a connection is a peer, and behind it a session of the core.
 * Bytes in become messages (frame.c); frames out are written as they lie. See inside.h. */
#include "private.h"

#include "chat/base/wire.h"
#include "chat/command/command.h"
#include "chat/model/session.h"
#include "frame.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define CLOSE_SECONDS    5   /* for the other side to take the close frame */
#define CLOSE_REASON_MAX 123 /* bytes (RFC 6455, 5.5) */
#define TLS_RECORD       16384

struct peer {
    struct lws *wsi;
    struct session *session;
    struct chat *chat;
    struct frame frame;
    enum close_code closing; /* 0: not yet */
    char *reason;
    bool close_sent;
    bool tls;
};

const size_t peer_size = sizeof(struct peer);

/* --- the way out ---------------------------------------------------------------------------- */

static void want_writable(struct peer *p) { lws_callback_on_writable(p->wsi); }

/* The rest of a frame that the socket took in part: the library keeps it, and goes on by itself. */
static bool leave_rest(struct peer *p, const char *rest, size_t n)
{
    return lws_write(p->wsi, (unsigned char *)(uintptr_t)rest, n, LWS_WRITE_RAW) >= 0;
}

/* Where the frame ends in which byte `n` lies, or begins at. */
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
        return -1; /* the loop hears of it by itself */

    size_t done = sent < 0 ? 0 : (size_t)sent, border = border_after(frames, done);
    if (border > done && !leave_rest(p, frames + done, border - done)) {
        lws_set_timeout(p->wsi, PENDING_TIMEOUT_USER_OK,
                        LWS_TO_KILL_ASYNC); /* half a frame is out */
        return -1;
    }
    want_writable(p);
    return (ptrdiff_t)border;
}

/* Through the library, a few frames at a time: what TLS takes is never half a frame to us. */
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
    if (done < n)
        want_writable(p);
    return (ptrdiff_t)done;
}

static ptrdiff_t peer_send(void *peer, const char *frames, size_t n)
{
    struct peer *p = peer;
    if (lws_partial_buffered(p->wsi)) {
        want_writable(p);
        return 0;
    }
    return p->tls ? send_tls(p, frames, n) : send_plain(p, frames, n);
}

/* Not empty: the library does not tell of empty pongs (ops-ws.c:591). */
static void peer_ping(void *peer)
{
    static const char ping[] = "\x89\x01p";
    peer_send(peer, ping, sizeof ping - 1);
}

/* What has been read before it was told to stop waits in the library; on libuv that goes on only
 * with the socket's next event, so one is made (fixed in 4d6322d5b, 2023). */
static void peer_listen(void *peer, bool on)
{
    struct peer *p = peer;
    lws_rx_flow_control(p->wsi, on);
    if (on)
        want_writable(p);
}

/* A close frame of our own (RFC 6455, 5.5.1): the library sends none for a -1 out of a callback
 * that may write (service.c takes it for a dead socket). The other side answers it; see
 * on_peer_close(). */
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

/* Who does not answer is cut. lws_cancel_service() lets the library look at its timers. */
static void peer_close(void *peer, enum close_code code, const char *reason)
{
    struct peer *p = peer;
    if (p->closing != 0)
        return; /* the other side was faster */
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
    *p = (struct peer){.wsi = wsi, .chat = v->chat, .tls = lws_is_ssl(wsi)};
    p->session = session_open(v->chat, &sink, p, lws_get_opaque_user_data(wsi));
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

static int on_bytes(struct peer *p, struct lws *wsi, const char *in, size_t n)
{
    if (p->session == NULL)
        return -1;
    if (p->closing != 0)
        return 0; /* nothing is obeyed any more */
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

static int on_writable(struct peer *p, struct lws *wsi)
{
    if (p->session == NULL)
        return -1;
    if (p->closing != 0 && !p->close_sent)
        send_close(p);
    else if (p->closing == 0 && !lws_partial_buffered(wsi))
        session_writable(p->session);
    return 0;
}

/* Non-zero: it answers our close, and the connection ends; else the library answers. Nothing that
 * comes behind it is obeyed. */
static int on_peer_close(struct peer *p)
{
    bool answers = p->closing != 0;
    p->closing = CLOSE_NORMAL;
    p->close_sent = true;
    return answers;
}

static int on_closed(struct peer *p)
{
    if (p == NULL)
        return 0;
    session_destroy(&p->session);
    frame_finish(&p->frame);
    free(p->reason);
    p->reason = NULL;
    return 0;
}

int chat_event(struct lws *wsi, enum lws_callback_reasons why, void *user, void *in, size_t n)
{
    struct vhost *v = wsi == NULL ? NULL : vhost_of(wsi);
    struct peer *p = user; /* NULL for vhost-wide reasons */
    if (v != NULL && p != NULL)
        v->config->tell_time(v->config->arg);
    switch (why) {
    case LWS_CALLBACK_ESTABLISHED: return on_open(v, p, wsi);
    case LWS_CALLBACK_RECEIVE: return on_bytes(p, wsi, in, n);
    case LWS_CALLBACK_RECEIVE_PONG: return on_pong(p);
    case LWS_CALLBACK_SERVER_WRITEABLE: return on_writable(p, wsi);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE: return on_peer_close(p);
    case LWS_CALLBACK_CLOSED: return on_closed(p);
    default: return 0;
    }
}

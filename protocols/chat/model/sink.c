/* sink.c - see sink.h. */
#include "sink.h"

#include "backlog.h"
#include "wheel.h"

#include "chat/base/bytes.h"

/* A page and its room's replies fit. Who lacks so much has been blocked for long. */
#define TOLD_BYTES_MAX ((size_t)1024 * 1024)

void sink_make_dirty(struct session *s)
{
    if (list_empty(&s->in_dirty))
        list_add(&s->chat->dirty_sessions, &s->in_dirty);
}

size_t sink_send(struct session *s, const char *frames, size_t n)
{
    if (s->write_blocked || s->state == SESSION_CLOSING)
        return 0;
    ptrdiff_t sent = s->ops->send(s->peer, frames, n);
    if (sent == (ptrdiff_t)n)
        return n;
    s->write_blocked = true;
    s->blocked_s = (uint32_t)(s->chat->now_ms / 1000);
    wheel_add(s); /* its deadline is nearer now */
    return sent < 0 ? 0 : (size_t)sent;
}

bool sink_signal(struct session *s, const struct bytes *frame)
{
    if (s->write_blocked || s->state != SESSION_NAMED)
        return false;
    if (s->out.size == 0)
        return sink_send(s, frame->at, frame->size) == frame->size;
    bytes_add(&s->out, frame->at, frame->size);
    sink_make_dirty(s);
    return true;
}

void sink_tell(struct session *s, const struct bytes *frame)
{
    if (s->state != SESSION_NAMED)
        return;
    bytes_add(&s->out, frame->at, frame->size);
    s->out.failed |= frame->failed;
    if (s->out.size > TOLD_BYTES_MAX)
        sink_close(s, CLOSE_TOO_SLOW, "resume");
    else
        sink_make_dirty(s);
}

static void send_out(struct session *s)
{
    if (s->out.size == 0)
        return;
    size_t sent = sink_send(s, s->out.at, s->out.size);
    bytes_drop(&s->out, sent);
    if (s->out.size == 0)
        bytes_finish(&s->out); /* an idle connection keeps no buffer */
}

/* Without memory for s->out: better no connection than one that lacks a reply or an event. */
void sink_flush(struct session *s)
{
    if (s->out.failed)
        sink_close(s, CLOSE_TOO_SLOW, "resume");
    else
        send_out(s);
}

void sink_close(struct session *s, enum close_code code, const char *reason)
{
    if (s->state == SESSION_CLOSING)
        return;
    if (s->out.failed)
        bytes_finish(&s->out);
    send_out(s); /* the replies may say why */
    s->state = SESSION_CLOSING;
    backlog_clear(s);
    s->chat->stats.closed_slow += code == CLOSE_TOO_SLOW;
    s->chat->stats.closed_flood += code == CLOSE_FLOOD;
    s->chat->stats.closed_no_hello += code == CLOSE_NO_HELLO;
    s->ops->close(s->peer, code, reason);
}

/* session.c - a connection comes, is answered, and goes. See session.h and chat.h. */
#include "session.h"

#include "chat/command/command.h"
#include "identity.h"
#include "chat/cluster/peers.h"
#include "room.h"
#include "chat/base/wire.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#define TRY_AGAIN_MS 1000 /* where nothing tells better */

static int by_id(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

struct session *session_find(const struct chat *chat, uint64_t id)
{
    struct session **found = tfind(&id, &chat->sessions_by_id, by_id);
    return found == NULL ? NULL : *found;
}

struct session *session_open(struct chat *chat, const struct sink_ops *ops, void *peer,
                             struct source *source)
{
    struct session *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    s->id = ++chat->next_session;
    s->chat = chat;
    s->sink = ops;
    s->peer = peer;
    s->source = source;
    s->opened_s = s->heard_s = (uint32_t)(chat->now_ms / 1000);
    list_init(&s->in_identity);
    list_init(&s->members);
    list_init(&s->waiting);
    list_init(&s->in_dirty);
    list_init(&s->in_wheel);
    if (tsearch(s, &chat->sessions_by_id, by_id) == NULL) {
        free(s);
        return NULL;
    }
    wheel_add(s);
    chat->stats.sessions++;
    return s;
}

struct session *session_open_operator(struct chat *chat, const struct sink_ops *ops, void *peer)
{
    struct session *s = session_open(chat, ops, peer, NULL);
    if (s == NULL)
        return NULL;
    s->identity = identity_operator(chat);
    if (s->identity == NULL) {
        session_destroy(&s);
        return NULL;
    }
    list_add(&s->identity->sessions, &s->in_identity);
    s->state = SESSION_NAMED;
    return s;
}

void session_destroy(struct session **session)
{
    struct session *s = *session;
    if (s == NULL)
        return;
    list_each(l, next, &s->members)
    {
        struct member *m = list_entry(l, struct member, in_session);
        room_leave(&m, false);
    }
    commands_forget(s);
    list_remove(&s->in_identity);
    if (s->identity != NULL)
        people_switch(s->identity);
    identity_unref(&s->identity);
    list_remove(&s->in_dirty);
    list_remove(&s->in_wheel);
    tdelete(s, &s->chat->sessions_by_id, by_id);
    s->chat->stats.sessions--;
    bytes_finish(&s->out);
    free(s);
    *session = NULL;
}

/* --- frames --------------------------------------------------------------------------------- */

size_t session_begin(struct bytes *b, const char *type)
{
    size_t mark = wire_begin(b);
    bytes_add_text(b, "{\"type\":\"");
    bytes_add_text(b, type);
    bytes_add(b, "\"", 1);
    return mark;
}

static void add_name(struct bytes *b, const char *name)
{
    bytes_add(b, ",\"", 2);
    bytes_add_text(b, name);
    bytes_add(b, "\":", 2);
}

void session_add_text(struct bytes *b, const char *name, const char *text)
{
    add_name(b, name);
    bytes_add_json(b, text);
}

void session_add_number(struct bytes *b, const char *name, uint64_t n)
{
    add_name(b, name);
    bytes_add_u64(b, n);
}

void session_add_bool(struct bytes *b, const char *name, bool on)
{
    add_name(b, name);
    bytes_add_text(b, on ? "true" : "false");
}

void session_end(struct bytes *b, size_t mark)
{
    bytes_add(b, "}", 1);
    wire_end(b, mark);
}

/* --- replies -------------------------------------------------------------------------------- */

size_t reply_begin(struct session *s, const char *type, const char *id)
{
    size_t mark = session_begin(&s->out, type);
    if (id != NULL)
        session_add_text(&s->out, "id", id);
    return mark;
}

void reply_end(struct session *s, size_t mark)
{
    session_end(&s->out, mark);
    if (s->out.failed) { /* no memory for the answer: better no connection than a silent one */
        bytes_finish(&s->out);
        session_close(s, CLOSE_TOO_SLOW, "");
        return;
    }
    session_make_dirty(s);
}

void reply_ok(struct session *s, const char *id, const char *room)
{
    if (id == NULL)
        return;
    size_t mark = reply_begin(s, "ok", id);
    if (room != NULL)
        session_add_text(&s->out, "room", room);
    reply_end(s, mark);
}

void reply_error(struct session *s, const char *id, enum err err, const char *field,
                 uint64_t wait_ms)
{
    char seconds[32];
    if (wait_ms == 0 && (err == ERR_RATE || err == ERR_UNAVAILABLE))
        wait_ms = TRY_AGAIN_MS;
    size_t mark = reply_begin(s, "error", id);
    session_add_text(&s->out, "code", err_code(err));
    session_add_text(&s->out, "text", err_text(err));
    if (field != NULL)
        session_add_text(&s->out, "field", field);
    if (wait_ms > 0) {
        int n = snprintf(seconds, sizeof seconds, ",\"retry_after\":%llu.%03llu",
                         (unsigned long long)wait_ms / 1000, (unsigned long long)wait_ms % 1000);
        bytes_add(&s->out, seconds, (size_t)n);
    }
    reply_end(s, mark);
    s->chat->stats.errors++;
}

/* --- the way out ---------------------------------------------------------------------------- */

void session_make_dirty(struct session *s)
{
    if (list_empty(&s->in_dirty))
        list_add(&s->chat->dirty_sessions, &s->in_dirty);
}

size_t session_send(struct session *s, const char *frames, size_t n)
{
    if (s->choked || s->state == SESSION_CLOSING)
        return 0;
    ptrdiff_t sent = s->sink->send(s->peer, frames, n);
    if (sent == (ptrdiff_t)n)
        return n;
    s->choked = true;
    s->choked_s = (uint32_t)(s->chat->now_ms / 1000);
    wheel_add(s); /* its deadline is nearer now */
    return sent < 0 ? 0 : (size_t)sent;
}

void session_signal(struct session *s, const struct bytes *frame)
{
    if (s->out.size == 0 && s->state == SESSION_NAMED)
        session_send(s, frame->at, frame->size);
}

static void send_replies(struct session *s)
{
    if (s->out.size == 0)
        return;
    size_t sent = session_send(s, s->out.at, s->out.size);
    bytes_drop(&s->out, sent);
    if (s->out.size == 0)
        bytes_finish(&s->out); /* an idle connection keeps no buffer */
}

void session_close(struct session *s, enum close_code code, const char *reason)
{
    if (s->state == SESSION_CLOSING)
        return;
    send_replies(s); /* they may say why */
    s->state = SESSION_CLOSING;
    commands_forget(s);
    s->chat->stats.closed_slow += code == CLOSE_TOO_SLOW;
    s->chat->stats.closed_flood += code == CLOSE_FLOOD;
    s->chat->stats.closed_no_hello += code == CLOSE_NO_HELLO;
    s->sink->close(s->peer, code, reason);
}

void session_flush(struct session *s)
{
    list_remove(&s->in_dirty);
    send_replies(s);
    if (s->out.size > 0 || s->choked)
        return;
    list_each(l, next, &s->members) member_flush(list_entry(l, struct member, in_session));
    commands_go_on(s);
}

void session_writable(struct session *s)
{
    s->choked = false;
    session_make_dirty(s);
}

bool session_is_idle(const struct session *s)
{
    return s->pending == 0 && !s->busy && list_empty(&s->waiting) && s->out.size == 0;
}

void session_heard(struct session *s)
{
    s->heard_s = (uint32_t)(s->chat->now_ms / 1000);
    s->pinged = false;
}

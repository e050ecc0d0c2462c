/* submit.c - what a session says becomes an event on its way into a room's log, and its answer. See
 * command.h. */
#include "command.h"
#include "chat/model/session.h"

#include <string.h>

static void on_submitted(void *arg, enum err err, uint64_t seq, int64_t at_ms)
{
    struct request *q = arg;
    struct session *s = request_session(q);
    if (s != NULL)
        s->pending--;
    if (s != NULL && s->state != SESSION_CLOSING) {
        if (err == OK) {
            size_t mark = reply_begin(s, "ok", request_id(q));
            if (strcmp(q->room, SERVER_LOG) != 0) {
                session_add_text(&s->out, "room", q->room);
                session_add_number(&s->out, "seq", seq);
            }
            session_add_number(&s->out, "at", (uint64_t)at_ms);
            if (q->more != NULL)
                session_add_text(&s->out, "receipt", q->more);
            reply_end(s, mark);
            if (q->stored != NULL)
                q->stored(s, q);
        } else {
            reply_error(s, request_id(q), err, NULL, 0);
        }
        session_make_dirty(s);
    }
    request_destroy(&q);
}

struct bytes submit_body(const struct session *s, const char *key)
{
    struct bytes body = {0};
    bytes_add_text(&body, "{\"from\":");
    bytes_add_json(&body, s->identity->nick);
    session_add_text(&body, "key", key);
    return body;
}

enum err submit_take(struct chat *chat, struct request *q, struct event e, struct bytes *body)
{
    const struct chat_config *config = chat->config;
    bytes_add(body, "}", 1);
    e.body = body->at;
    e.body_bytes = body->size;
    enum err err = ERR_UNAVAILABLE;
    struct session *s = q == NULL ? NULL : request_session(q);
    if (q != NULL && !body->failed) {
        e.room = q->room;
        err = config->journal_ops->submit(config->journal, &e, on_submitted, q);
    }
    if (err != OK)
        request_destroy(&q);
    else if (s != NULL)
        s->pending++;
    bytes_finish(body);
    return err;
}

/* cmd_message.c - what is said: say, edit, delete. */
#include "command.h"
#include "room.h"
#include "session.h"

/* --- into the log --------------------------------------------------------------------------- */

static void on_submitted(void *arg, enum err err, uint64_t seq, int64_t at_ms)
{
    struct request *q = arg;
    struct session *s = request_session(q);
    if (s != NULL)
        s->pending--;
    if (s != NULL && s->state != SESSION_CLOSING) {
        if (err == OK) {
            size_t mark = reply_begin(s, "ok", request_id(q));
            session_add_text(&s->out, "room", q->room);
            session_add_number(&s->out, "seq", seq);
            session_add_number(&s->out, "at", (uint64_t)at_ms);
            reply_end(s, mark);
        } else {
            reply_error(s, request_id(q), err, NULL, 0);
        }
        session_make_dirty(s);
    }
    request_destroy(&q);
}

/* Consumes the body, which ends with its last member. */
static enum err submit_take(struct session *s, const char *id, const char *room,
                            enum event_kind kind, uint64_t of, struct bytes *body)
{
    const struct chat_config *config = s->chat->config;
    struct request *q = request_create(s, id, room);
    bytes_add(body, "}", 1);
    struct event e = {.room = room,
                      .kind = kind,
                      .author = s->identity->id,
                      .of = of,
                      .key = id,
                      .body = body->at,
                      .body_bytes = body->size};
    enum err err = ERR_UNAVAILABLE;
    if (q != NULL && !body->failed)
        err = config->journal_ops->submit(config->journal, &e, on_submitted, q);
    if (err == OK)
        s->pending++;
    else
        request_destroy(&q);
    bytes_finish(body);
    return err;
}

static struct bytes begin_body(const struct session *s, const char *id)
{
    struct bytes body = {0};
    bytes_add_text(&body, "{\"from\":");
    bytes_add_json(&body, s->identity->nick);
    session_add_text(&body, "key", id);
    return body;
}

/* --- say ------------------------------------------------------------------------------------ */

enum err cmd_say(struct session *s, const struct call *c)
{
    int64_t reply_to = field_int(c->args, "reply_to", 0);
    if (c->room->post > ROLE_MEMBER)
        return ERR_FORBIDDEN;
    struct bytes body = begin_body(s, c->id);
    if (reply_to > 0)
        session_add_number(&body, "reply_to", (uint64_t)reply_to);
    session_add_text(&body, "text", field_string(c->args, "text"));
    return submit_take(s, c->id, c->room->name, EVENT_MESSAGE, 0, &body);
}

/* --- edit, delete --------------------------------------------------------------------------- */

static enum err change(struct session *s, const struct request *q)
{
    const char *text = field_string(q->args, "text"), *reason = field_string(q->args, "reason");
    struct bytes body = begin_body(s, q->id);
    session_add_number(&body, "of", q->of);
    if (q->kind == EVENT_EDIT)
        session_add_text(&body, "text", text);
    else if (reason != NULL && reason[0] != '\0')
        session_add_text(&body, "reason", reason);
    return submit_take(s, q->id, q->room, q->kind, q->of, &body);
}

/* Changes one's own messages only, and no deleted one, unless it is this very change, sent again.
 */
static void on_item(void *arg, enum err err, const struct archive_item *item)
{
    struct request *q = arg;
    struct session *s = request_session(q);
    if (err == OK && s != NULL && s->state != SESSION_CLOSING) {
        if (item->author != s->identity->id)
            err = ERR_FORBIDDEN;
        else if (item->deleted && !item->key_known)
            err = ERR_NOT_FOUND;
        else
            err = change(s, q);
    }
    command_done_take(q, err);
}

static enum err look_up(struct session *s, const struct call *c, enum event_kind kind)
{
    const struct chat_config *config = s->chat->config;
    struct request *q = command_later(s, c);
    if (q == NULL)
        return ERR_UNAVAILABLE;
    q->kind = kind;
    q->of = (uint64_t)field_int(c->args, "of", 0);
    enum err err = config->archive_ops->item(config->archive, q->room, q->of, s->identity->id,
                                             q->id, on_item, q);
    if (err != OK)
        command_done_take(q, err);
    return OK;
}

enum err cmd_edit(struct session *s, const struct call *c) { return look_up(s, c, EVENT_EDIT); }

enum err cmd_delete(struct session *s, const struct call *c) { return look_up(s, c, EVENT_DELETE); }

/* cmd_message.c - what is said: say, edit, delete. */
#include "command.h"
#include "chat/model/room.h"
#include "chat/model/session.h"
#include "chat/model/standings.h"

#include <string.h>

/* --- say ------------------------------------------------------------------------------------ */

enum err cmd_say(struct session *s, const struct call *c)
{
    int64_t reply_to = field_int(c->args, "reply_to", 0);
    enum err err = check_post(s->identity, c->room);
    if (err != OK)
        return err;
    struct bytes body = submit_body(s, c->id);
    if (reply_to > 0)
        session_add_number(&body, "reply_to", (uint64_t)reply_to);
    session_add_text(&body, "text", field_string(c->args, "text"));
    struct event e = {.kind = EVENT_MESSAGE, .author = s->identity->id, .key = c->id};
    return submit_take(s->chat, request_create(s, c->id, c->room->name), e, &body);
}

/* --- edit, delete --------------------------------------------------------------------------- */

static enum err change(struct session *s, const struct request *q)
{
    const char *text = field_string(q->args, "text"), *reason = field_string(q->args, "reason");
    struct bytes body = submit_body(s, q->id);
    session_add_number(&body, "of", q->of);
    if (q->kind == EVENT_EDIT)
        session_add_text(&body, "text", text);
    else if (reason != NULL && reason[0] != '\0')
        session_add_text(&body, "reason", reason);
    struct event e = {.kind = q->kind, .author = s->identity->id, .of = q->of, .key = q->id};
    return submit_take(s->chat, request_create(s, q->id, q->room), e, &body);
}

/* Moderators delete what those below them have said. */
static bool may_delete(const struct request *q, const struct ask_item *item)
{
    const struct room *r = room_find(q->chat, q->room);
    enum role mine = role_in(q->chat, q->identity, r);
    return mine >= ROLE_MODERATOR && mine > role_in(q->chat, item->author, r);
}

static enum err may_still(struct session *s, const struct request *q)
{
    enum err err = command_check(s, q);
    if (err == OK && q->kind == EVENT_EDIT)
        err = check_speech(s->identity, room_find(s->chat, q->room));
    return err;
}

/* Changes one's own messages, and no deleted one, unless it is this very change, sent again. */
static void on_item(struct ask *ask)
{
    struct request *q = ask->arg;
    const struct ask_item *item = (struct ask_item *)ask;
    struct session *s = request_session(q);
    enum err err = ask->err;
    if (err == OK && s != NULL && s->state != SESSION_CLOSING)
        err = may_still(s, q);
    if (err == OK && s != NULL && s->state != SESSION_CLOSING) {
        bool fixed = q->kind == EVENT_EDIT && item->kind != EVENT_MESSAGE; /* votes were for it */
        bool may = item->author == q->identity || (q->kind == EVENT_DELETE && may_delete(q, item));
        if (!may || fixed)
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
    struct request *q = command_later(s, c);
    if (q == NULL)
        return ERR_UNAVAILABLE;
    q->kind = kind;
    q->of = (uint64_t)field_int(c->args, "of", 0);
    struct ask_item *ask = ask_create(sizeof *ask, ASK_ITEM, q->room, on_item, q);
    if (ask != NULL) {
        ask->seq = q->of;
        ask->identity = q->identity;
        strcpy(ask->key, q->id);
    }
    enum err err = ask_take(s->chat->config, (struct ask *)ask);
    if (err != OK)
        command_done_take(q, err);
    return OK;
}

enum err cmd_edit(struct session *s, const struct call *c)
{
    enum err err = check_speech(s->identity, c->room);
    return err == OK ? look_up(s, c, EVENT_EDIT) : err;
}

/* A reason is words, too. */
enum err cmd_delete(struct session *s, const struct call *c)
{
    const char *reason = field_string(c->args, "reason");
    bool words = reason != NULL && reason[0] != '\0';
    enum err err = words ? check_speech(s->identity, c->room) : OK;
    return err == OK ? look_up(s, c, EVENT_DELETE) : err;
}

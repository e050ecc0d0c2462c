/* history.c - see history.h. */
#include "history.h"

#include "gate.h"
#include "request.h"

#include "chat/base/object.h"
#include "chat/model/ask.h"
#include "chat/model/reply.h"

#define PAGE_DEFAULT 50

static void on_page(struct ask *ask)
{
    struct request *q = ask->arg;
    struct session *s = request_speaker(q);
    enum err err = ask->err;
    if (err == OK && s != NULL)
        err = gate_recheck(s, q);
    if (err == OK && s != NULL) {
        size_t mark = reply_begin(s, "history", request_id(q));
        object_add_text(&s->out, "room", q->room);
        object_add_json(&s->out, "items", ask->text.at, ask->text.size);
        object_add_bool(&s->out, "more", ((struct ask_page *)ask)->more);
        reply_end(s, mark);
    }
    request_done_take(q, err);
}

enum err cmd_history(struct session *s, const struct call *c)
{
    struct request *q = request_later(sizeof *q, s, c);
    if (q == NULL)
        return ERR_UNAVAILABLE;
    struct ask_page *ask = ask_create(sizeof *ask, ASK_PAGE, q->room, on_page, q);
    if (ask != NULL) {
        ask->before = (uint64_t)field_int(c->args, "before", 0);
        ask->limit = (unsigned)field_int(c->args, "limit", PAGE_DEFAULT);
        ask->identity = q->identity;
    }
    enum err err = ask_take(s->chat->config, (struct ask *)ask);
    if (err != OK)
        request_done_take(q, err);
    return OK;
}

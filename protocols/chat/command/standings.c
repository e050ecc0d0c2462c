/* standings.c - see standings.h. */
#include "standings.h"

#include "gate.h"
#include "request.h"

#include "chat/base/object.h"
#include "chat/model/ask.h"
#include "chat/model/reply.h"

#include <string.h>

#define STANDINGS_MAX 1000 /* rows in one answer */

static void on_standings(struct ask *ask)
{
    struct request *q = ask->arg;
    struct session *s = request_speaker(q);
    enum err err = ask->err;
    if (err == OK && s != NULL)
        err = gate_recheck(s, q);
    if (err == OK && s != NULL) {
        size_t mark = reply_begin(s, "standings", request_id(q));
        object_add_text(&s->out, "room", strcmp(q->room, SERVER_LOG) == 0 ? NULL : q->room);
        object_add_json(&s->out, "standings", ask->text.at, ask->text.size);
        object_add_bool(&s->out, "more", ((struct ask_standings *)ask)->more);
        reply_end(s, mark);
    }
    request_done_take(q, err);
}

enum err cmd_standings(struct session *s, const struct call *c)
{
    struct request *q = request_later(sizeof *q, s, c);
    if (q == NULL)
        return ERR_UNAVAILABLE;
    struct ask_standings *ask = ask_create(sizeof *ask, ASK_STANDINGS, q->room, on_standings, q);
    if (ask != NULL) {
        ask->now_ms = s->chat->wall_ms;
        ask->limit = STANDINGS_MAX;
    }
    enum err err = ask_take(s->chat->config, (struct ask *)ask);
    if (err != OK)
        request_done_take(q, err);
    return OK;
}

/* removal.c - the operator's command that removes a room: delete_room. */
#include "private.h"
#include "request.h"

#include "chat/base/object.h"
#include "chat/model/removal.h"
#include "chat/model/reply.h"

/* The `ok` says which room it was. */
static void on_removed(void *arg, enum err err, uint64_t seq, int64_t at_ms)
{
    struct request *q = arg;
    struct session *s = request_speaker(q);
    (void)seq, (void)at_ms;
    if (err == OK && s != NULL) {
        size_t mark = reply_begin(s, "ok", request_id(q));
        object_add_text(&s->out, "room", q->room);
        object_add_text(&s->out, "title", field_string(q->args, "title"));
        reply_end(s, mark);
    }
    request_done_take(q, err);
}

static enum err cmd_delete_room(struct session *s, const struct call *c)
{
    if (c->room->configured)
        return ERR_FORBIDDEN;
    struct request *q = request_later(sizeof *q, s, c);
    if (q == NULL)
        return ERR_UNAVAILABLE;
    json_object_set_new(q->args, "title", json_string(c->room->title));
    enum err err = removal_submit(c->room, c->id, on_removed, q);
    if (err != OK)
        request_done_take(q, err);
    return OK;
}

/* --- the commands --------------------------------------------------------------------------- */

/* clang-format off */
static const struct field room_fields[] = { ARG_ROOM, {0} };

const struct command removal_commands[] = {
    /* type          need          least           cost  in order  needs id  handler          fields */
    { "delete_room", NEED_ROOM,    ROLE_OPERATOR,  2,    true,     true,     cmd_delete_room, room_fields },
    {0},
};
/* clang-format on */

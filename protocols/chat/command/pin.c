/* pin.c - the commands about pinned items: pin, pins. The store judges a pin, in the order of the
 * log. */
#include "answer.h"
#include "private.h"
#include "request.h"
#include "submit.h"

#include "chat/base/object.h"
#include "chat/model/ask.h"
#include "chat/model/room.h"

static enum err cmd_pin(struct session *s, const struct call *c)
{
    struct event e = {.kind = EVENT_PIN,
                      .author = s->identity->id,
                      .of = (uint64_t)field_int(c->args, "of", 0),
                      .key = c->id};
    if (e.of > c->room->last)
        return ERR_NOT_FOUND;
    struct bytes body = submit_body(s, c->id);
    object_add_number(&body, "of", e.of);
    object_add_bool(&body, "on", field_bool(c->args, "on"));
    return submit_take(request_create(sizeof(struct request), s, c->id, c->room->name), e, &body);
}

static void add_pinned(struct bytes *to, const struct request *q, const struct ask *ask)
{
    object_add_text(to, "room", q->room);
    object_add_json(to, "items", ask->text.at, ask->text.size);
}

static void on_pinned(struct ask *ask) { answer_take(ask, "pins", add_pinned); }

static enum err cmd_pins(struct session *s, const struct call *c)
{
    struct request *q = request_later(sizeof *q, s, c);
    if (q == NULL)
        return ERR_UNAVAILABLE;
    struct ask_pinned *ask = ask_create(sizeof *ask, ASK_PINNED, q->room, on_pinned, q);
    if (ask != NULL)
        ask->identity = q->identity;
    request_ask_take(q, (struct ask *)ask);
    return OK;
}

/* --- the commands --------------------------------------------------------------------------- */

/* clang-format off */
static const struct field pin_fields[] = { ARG_ROOM, ARG_OF, { "on", FIELD_BOOL, true, 0, 0 }, {0} };
static const struct field pins_fields[] = { ARG_ROOM, {0} };

const struct command pin_commands[] = {
    /* type          need          least           cost  in order  needs id  handler         fields */
    { "pin",         NEED_MEMBER,  ROLE_MODERATOR, 1,    true,     true,     cmd_pin,        pin_fields },
    { "pins",        NEED_MEMBER,  ROLE_MEMBER,    2,    true,     false,    cmd_pins,       pins_fields },
    {0},
};
/* clang-format on */

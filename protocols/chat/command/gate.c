/* gate.c - see gate.h. */
#include "gate.h"

#include "request.h"

#include "chat/model/member.h"
#include "chat/model/room.h"
#include "chat/model/standings.h"

static enum err check_state(const struct session *s, const struct command *c)
{
    if (c->need != NEED_NOTHING && s->state == SESSION_NEW)
        return ERR_HELLO_FIRST;
    if (c->need == NEED_NOTHING && s->state != SESSION_NEW)
        return ERR_FORBIDDEN; /* a second hello */
    return OK;
}

static enum err check_room(struct session *s, struct call *c)
{
    const char *name = field_string(c->args, "room");
    if (c->command->need < NEED_PLACE || (c->command->need == NEED_PLACE && name == NULL))
        return OK;
    c->room = room_find(s->chat, name);
    if (c->room == NULL)
        return ERR_NO_SUCH_ROOM;
    c->member = member_find(c->room, s);
    return c->command->need == NEED_MEMBER && c->member == NULL ? ERR_NOT_MEMBER : OK;
}

/* The operator is not a person, and cannot use the commands that every member can. */
static enum err check_role(const struct session *s, const struct call *c)
{
    enum role least = c->command->least;
    if (c->command->need == NEED_NOTHING)
        return OK;
    if (least == ROLE_MEMBER)
        return s->identity->id == OPERATOR_ID ? ERR_FORBIDDEN : OK;
    if (standings_role(s->chat, s->identity->id, c->room) < least)
        return ERR_FORBIDDEN;
    return c->room != NULL && standings_banned(s->chat, s->identity->id, c->room) ? ERR_BANNED : OK;
}

enum err gate_check_form(const struct session *s, const struct command *c, const json_t *args,
                         const char **bad_out)
{
    if (c->needs_id && field_string(args, "id") == NULL) {
        *bad_out = "id";
        return ERR_BAD_FIELD;
    }
    return fields_check(c->fields, args, s->chat->config->limits.text_bytes, bad_out);
}

enum err gate_check(struct session *s, struct call *c, const char **bad_out)
{
    enum err e = check_state(s, c->command);
    if (e == OK)
        e = gate_check_form(s, c->command, c->args, bad_out);
    if (e == OK)
        e = check_room(s, c);
    return e == OK ? check_role(s, c) : e;
}

enum err gate_recheck(struct session *s, const struct request *q)
{
    struct call c = {.command = q->command, .args = q->args};
    enum err e = check_room(s, &c);
    return e == OK ? check_role(s, &c) : e;
}

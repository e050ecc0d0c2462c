/* setting.c - the commands for what people set for themselves: level, pause. The server's log
 * brings it to all nodes. */
#include "private.h"
#include "request.h"
#include "submit.h"

#include "chat/base/object.h"
#include "chat/model/room.h"

static enum err submit_setting_take(struct session *s, const char *id, struct bytes *body)
{
    struct event e = {.kind = EVENT_SETTING, .author = s->identity->id, .key = id};
    return submit_take(request_create(sizeof(struct request), s, id, SERVER_LOG), e, body);
}

static struct bytes begin(const struct session *s)
{
    struct bytes body = {0};
    object_begin(&body, NULL);
    object_add_text(&body, "nick", s->identity->nick);
    return body;
}

static enum err cmd_level(struct session *s, const struct call *c)
{
    const char *level = field_string(c->args, "level");
    enum level known;
    if (!level_read(level, &known)) {
        *c->bad = "level";
        return ERR_BAD_FIELD;
    }
    struct bytes body = begin(s);
    object_add_text(&body, "room", c->room->name);
    object_add_text(&body, "level", level);
    return submit_setting_take(s, c->id, &body);
}

static enum err cmd_pause(struct session *s, const struct call *c)
{
    struct bytes body = begin(s);
    object_add_number(&body, "until", (uint64_t)field_int(c->args, "until", 0));
    return submit_setting_take(s, c->id, &body);
}

/* --- the commands --------------------------------------------------------------------------- */

/* clang-format off */
static const struct field level_fields[] = { ARG_ROOM, { "level", FIELD_STRING, true, 1, 16 }, {0} };
static const struct field pause_fields[] = { { "until", FIELD_INT, true, 0, AT_MAX }, {0} };

const struct command setting_commands[] = {
    /* type          need          least           cost  in order  needs id  handler         fields */
    { "level",       NEED_MEMBER,  ROLE_MEMBER,    2,    true,     true,     cmd_level,      level_fields },
    { "pause",       NEED_NAME,    ROLE_MEMBER,    2,    true,     true,     cmd_pause,      pause_fields },
    {0},
};
/* clang-format on */

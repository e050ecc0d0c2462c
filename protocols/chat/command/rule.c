/* rule.c - the commands that change a room itself: topic, post. Titles are unique among all rooms,
 * so the server's log decides. */
#include "decide.h"
#include "private.h"
#include "submit.h"

#include "chat/base/object.h"
#include "chat/model/identity.h"
#include "chat/model/room.h"
#include "chat/model/standings.h"

#include <string.h>

/* The log judges the title again: two rooms may want it at the same moment. */
static enum err check_title(const struct session *s, const struct room *r, const char *title)
{
    enum err err = standings_check_speech(s->identity, r);
    bool changes = strcmp(title, r->title) != 0;
    if (err == OK && changes && room_find_titled(s->chat, title, r->name) != NULL)
        err = ERR_ROOM_EXISTS;
    return err;
}

static struct bytes words(const struct session *s, const char *id, const char *topic,
                          const char *title)
{
    struct bytes body = submit_body(s, id);
    object_add_text(&body, "topic", topic);
    object_add_text(&body, "title", title);
    return body;
}

static enum err cmd_topic(struct session *s, const struct call *c)
{
    const char *title = field_string(c->args, "title"), *topic = field_string(c->args, "topic");
    struct event e = {.kind = EVENT_TOPIC, .author = s->identity->id};
    struct nick keys;
    if (title == NULL)
        title = c->room->title;
    enum err err = check_title(s, c->room, title);
    if (err == OK)
        err = nick_of_title(s->chat->nicks, title, &keys);
    *c->bad = err == ERR_BAD_FIELD ? "title" : NULL;
    if (err != OK)
        return err;
    struct bytes decided = words(s, c->id, topic, title), told = words(s, c->id, topic, title);
    object_add_text(&decided, "room", c->room->name);
    object_add_text(&decided, "skeleton", keys.skeleton);
    object_add_text(&decided, "look", keys.look);
    return decide(s, c->id, c->room->name, e, &decided, &told);
}

static enum err cmd_post(struct session *s, const struct call *c)
{
    const char *who = field_string(c->args, "who");
    struct event e = {.kind = EVENT_POST, .author = s->identity->id};
    if (role_of(who) > ROLE_MODERATOR) {
        *c->bad = "who";
        return ERR_BAD_FIELD;
    }
    struct bytes decided = submit_body(s, c->id), told = submit_body(s, c->id);
    object_add_text(&decided, "room", c->room->name);
    object_add_text(&decided, "who", who);
    object_add_text(&told, "who", who);
    return decide(s, c->id, c->room->name, e, &decided, &told);
}

/* --- the commands --------------------------------------------------------------------------- */

/* clang-format off */
static const struct field topic_fields[] = {
    ARG_ROOM, { "topic", FIELD_LINE, true, 0, 400 }, { "title", FIELD_LINE, false, 1, 80 }, {0} };
static const struct field post_fields[] = { ARG_ROOM, { "who", FIELD_ROLE, true, 0, 0 }, {0} };

const struct command rule_commands[] = {
    /* type          need          least           cost  in order  needs id  handler         fields */
    { "topic",       NEED_MEMBER,  ROLE_MODERATOR, 5,    true,     true,     cmd_topic,      topic_fields },
    { "post",        NEED_MEMBER,  ROLE_MODERATOR, 2,    true,     true,     cmd_post,       post_fields },
    {0},
};
/* clang-format on */

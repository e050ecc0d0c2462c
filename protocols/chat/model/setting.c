/* setting.c - see setting.h. */
#include "setting.h"

#include "identity.h"
#include "marker.h"
#include "room.h"

#include "chat/base/json.h"
#include "chat/base/nick.h"
#include "chat/base/object.h"
#include "chat/base/wire.h"

static void set_level(struct identity *i, const json_t *body, struct bytes *frame)
{
    struct room *r = room_find(i->chat, field_string(body, "room"));
    enum level level;
    if (r == NULL || !level_read(field_string(body, "level"), &level))
        return;
    marker_set_level(i, r, level);
    size_t mark = wire_open(frame, "level");
    object_add_text(frame, "room", r->name);
    object_add_text(frame, "level", level_name(level));
    wire_close(frame, mark);
}

static void set_pause(struct identity *i, const json_t *body, struct bytes *frame)
{
    i->pause_ms = (uint64_t)field_int(body, "until", 0);
    size_t mark = wire_open(frame, "pause");
    object_add_number(frame, "until", i->pause_ms);
    wire_close(frame, mark);
}

/* NULL: they are not here, and hello.c finds it in the archive. */
static struct identity *find_who(const struct chat *chat, const struct event *e, const json_t *body)
{
    struct nick nick;
    struct identity *i = NULL;
    if (nick_parse(chat->nicks, field_string(body, "nick"), &nick) == OK)
        i = identity_find(chat, nick.skeleton);
    return i != NULL && i->id == e->author ? i : NULL;
}

void setting_apply(struct chat *chat, const struct event *e)
{
    struct bytes frame = {0};
    if (e->kind != EVENT_SETTING)
        return;
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    struct identity *i = find_who(chat, e, body);
    if (i != NULL && json_object_get(body, "room") != NULL)
        set_level(i, body, &frame);
    else if (i != NULL)
        set_pause(i, body, &frame);
    if (frame.size > 0)
        identity_tell(i, NULL, &frame);
    bytes_finish(&frame);
    json_decref(body);
}

/* presence.c - the commands about people in a room: who, away, typing, read, unread. */
#include "private.h"

#include "chat/base/object.h"
#include "chat/cluster/tell.h"
#include "chat/model/here.h"
#include "chat/model/identity.h"
#include "chat/model/marker.h"
#include "chat/model/person.h"
#include "chat/model/reply.h"
#include "chat/model/standings.h"

#define WHO_MAX 1000 /* people that one answer names */

static enum err cmd_who(struct session *s, const struct call *c)
{
    size_t n = 0, mark = reply_begin(s, "who", c->id);
    object_add_text(&s->out, "room", c->room->name);
    object_add_number(&s->out, "count", c->room->people_count);
    array_begin(&s->out, "here");
    list_each(l, next, &c->room->people)
    {
        if (n++ == WHO_MAX)
            break;
        identity_write(&s->out, list_entry(l, struct person, in_room)->identity, c->room);
    }
    array_end(&s->out);
    reply_end(s, mark);
    return OK;
}

static enum err cmd_away(struct session *s, const struct call *c)
{
    struct identity *i = s->identity;
    bool on = field_bool(c->args, "on");
    uint64_t now_ms = (uint64_t)s->chat->wall_ms;
    if (i->away != on) {
        people_set_away(i, on, now_ms > i->away_at_ms ? now_ms : i->away_at_ms + 1);
        tell_away(i);
    }
    identity_tell_active(i, s, !on);
    tell_active(i, !on);
    reply_ok(s, c->id, NULL);
    return OK;
}

static enum err cmd_typing(struct session *s, const struct call *c)
{
    if (standings_check_speech(s->identity, c->room) == OK &&
        here_tell_typing(c->room, s->identity->nick, s->identity))
        tell_typing(c->room, s->identity);
    reply_ok(s, c->id, c->room->name);
    return OK;
}

static void move_marker(struct session *s, const struct marker *m, bool back)
{
    marker_set(s->identity, m);
    marker_signal(s->identity, s, m, back);
    tell_marker(s->identity, m->room);
}

static enum err cmd_read(struct session *s, const struct call *c)
{
    struct marker m = marker_of(s->identity, c->room);
    m.room = c->room;
    uint64_t seq = (uint64_t)field_int(c->args, "seq", 0);
    if (seq > c->room->last)
        seq = c->room->last;
    if (seq > m.read) { /* of several tabs, the furthest counts */
        m.read = seq;
        move_marker(s, &m, false);
    }
    reply_ok(s, c->id, c->room->name);
    return OK;
}

static enum err cmd_unread(struct session *s, const struct call *c)
{
    struct marker m = marker_of(s->identity, c->room);
    m.room = c->room;
    uint64_t seq = (uint64_t)field_int(c->args, "seq", 1);
    if (seq <= m.read) {
        m.read = seq - 1;
        m.backs++;
        move_marker(s, &m, true);
    }
    reply_ok(s, c->id, c->room->name);
    return OK;
}

/* --- the commands --------------------------------------------------------------------------- */

/* clang-format off */
static const struct field room_fields[] = { ARG_ROOM, {0} };
static const struct field read_fields[] = { ARG_ROOM, { "seq", FIELD_INT, true, 0, SEQ_MAX }, {0} };
static const struct field unread_fields[] = { ARG_ROOM, { "seq", FIELD_INT, true, 1, SEQ_MAX }, {0} };
static const struct field away_fields[] = { { "on", FIELD_BOOL, true, 0, 0 }, {0} };

const struct command presence_commands[] = {
    /* type          need          least           cost  in order  needs id  handler         fields */
    { "typing",      NEED_MEMBER,  ROLE_MEMBER,    1,    false,    false,    cmd_typing,     room_fields },
    { "read",        NEED_MEMBER,  ROLE_MEMBER,    1,    false,    false,    cmd_read,       read_fields },
    { "unread",      NEED_MEMBER,  ROLE_MEMBER,    1,    false,    false,    cmd_unread,     unread_fields },
    { "who",         NEED_MEMBER,  ROLE_MEMBER,    2,    false,    false,    cmd_who,        room_fields },
    { "away",        NEED_NAME,    ROLE_MEMBER,    1,    false,    false,    cmd_away,       away_fields },
    {0},
};
/* clang-format on */

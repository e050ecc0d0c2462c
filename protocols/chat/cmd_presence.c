/* cmd_presence.c - who is here, and what they are doing: who, away, typing, read. */
#include "command.h"
#include "identity.h"
#include "room.h"
#include "session.h"

#define WHO_MAX 1000

/* What typing may cost a room: so many frames a second, whoever types. */
#define TYPING_FRAME_US 500
#define TYPING_BURST    2000

enum err cmd_who(struct session *s, const struct call *c)
{
    size_t n = 0, mark = reply_begin(s, "who", c->id);
    session_add_text(&s->out, "room", c->room->name);
    session_add_number(&s->out, "count", c->room->people_count);
    bytes_add_text(&s->out, ",\"here\":[");
    list_each(l, next, &c->room->people)
    {
        const struct person *p = list_entry(l, struct person, in_room);
        if (n++ == WHO_MAX)
            break;
        if (n > 1)
            bytes_add(&s->out, ",", 1);
        identity_write(&s->out, p->identity);
    }
    bytes_add(&s->out, "]", 1);
    reply_end(s, mark);
    return OK;
}

enum err cmd_away(struct session *s, const struct call *c)
{
    struct identity *i = s->identity;
    bool on = field_bool(c->args, "on");
    if (i->away != on) {
        i->away = on;
        list_each(l, next, &i->sessions)
        {
            struct session *mine = list_entry(l, struct session, in_identity);
            list_each(l2, next2, &mine->members)
                person_changed(list_entry(l2, struct member, in_session)->person);
        }
    }
    reply_ok(s, c->id, NULL);
    return OK;
}

enum err cmd_typing(struct session *s, const struct call *c)
{
    if (!rate_take(&c->room->typing, TYPING_FRAME_US, TYPING_BURST, c->room->member_count,
                   s->chat->now_ms, NULL))
        return OK;
    struct bytes frame = {0};
    size_t mark = session_begin(&frame, "typing");
    session_add_text(&frame, "room", c->room->name);
    session_add_text(&frame, "from", s->identity->nick);
    session_end(&frame, mark);
    room_signal(c->room, s->identity, &frame);
    bytes_finish(&frame);
    return OK;
}

static void tell_others(const struct session *s, const char *room, uint64_t seq)
{
    struct bytes frame = {0};
    size_t mark = session_begin(&frame, "read");
    session_add_text(&frame, "room", room);
    session_add_number(&frame, "seq", seq);
    session_end(&frame, mark);
    list_each(l, next, &s->identity->sessions)
    {
        struct session *mine = list_entry(l, struct session, in_identity);
        if (mine != s && !frame.failed)
            session_signal(mine, &frame);
    }
    bytes_finish(&frame);
}

enum err cmd_read(struct session *s, const struct call *c)
{
    struct marker m = identity_marker(s->identity, c->room);
    uint64_t seq = (uint64_t)field_int(c->args, "seq", 0);
    if (seq > c->room->last)
        seq = c->room->last;
    if (seq > m.read) { /* of two tabs, the one that has read further */
        m.room = c->room;
        m.read = seq;
        identity_mark(s->identity, &m);
        tell_others(s, c->room->name, seq);
    }
    reply_ok(s, c->id, c->room->name);
    return OK;
}

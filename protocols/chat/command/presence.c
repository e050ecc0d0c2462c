/* cmd_presence.c - who is here, and what they are doing: who, away, typing, read. */
#include "command.h"
#include "chat/model/identity.h"
#include "chat/cluster/peers.h"
#include "chat/model/room.h"
#include "chat/model/session.h"
#include "chat/model/standings.h"

#define WHO_MAX 1000

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
        identity_write(&s->out, p->identity, c->room);
    }
    bytes_add(&s->out, "]", 1);
    reply_end(s, mark);
    return OK;
}

enum err cmd_away(struct session *s, const struct call *c)
{
    struct identity *i = s->identity;
    bool on = field_bool(c->args, "on");
    uint64_t now_ms = (uint64_t)s->chat->wall_ms;
    if (i->away != on) {
        people_away(i, on, now_ms > i->away_at_ms ? now_ms : i->away_at_ms + 1);
        peers_away(i);
    }
    reply_ok(s, c->id, NULL);
    return OK;
}

enum err cmd_typing(struct session *s, const struct call *c)
{
    if (check_speech(s->identity, c->room) == OK &&
        room_tell_typing(c->room, s->identity->nick, s->identity))
        peers_typing(c->room, s->identity);
    return OK;
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
        identity_tell_read(s->identity, s, c->room->name, seq);
        peers_mark(s->identity, c->room);
    }
    reply_ok(s, c->id, c->room->name);
    return OK;
}

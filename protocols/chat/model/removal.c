/* removal.c - see removal.h. */
#include "removal.h"

#include "due_poll.h"
#include "fanout.h"
#include "marker.h"
#include "member.h"
#include "person.h"
#include "presence.h"
#include "room.h"
#include "sink.h"
#include "standings.h"

#include "chat/base/json.h"
#include "chat/base/object.h"
#include "chat/base/wire.h"

/* --- carrying out ---------------------------------------------------------------------------
 */

struct room *removal_of(const struct chat *chat, const struct event *e)
{
    if (e->kind != EVENT_ROOM_GONE)
        return NULL;
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    const char *name = field_string(body, "room");
    struct room *r = name == NULL ? NULL : room_find(chat, name);
    bool same = r != NULL && r->life == (uint64_t)field_int(body, "life", 0);
    json_decref(body);
    return same ? r : NULL;
}

void removal_write_signal(struct bytes *to, const struct room *r)
{
    size_t mark = wire_open(to, "room_gone");
    object_add_text(to, "room", r->name);
    wire_close(to, mark);
}

static void end_membership(struct member *m)
{
    struct session *s = m->session;
    sink_flush(s);
    fanout_member(m);
    removal_write_signal(&s->out, m->room);
    sink_make_dirty(s);
    member_leave(&m, true);
}

static void forget_person(struct person *p)
{
    struct chat *chat = p->room->chat;
    if (p->announced_to_nodes && chat->tell_nodes != NULL)
        chat->tell_nodes(p, false);
    list_each(l, next, &p->elsewhere) presence_end(list_entry(l, struct presence, of_person), true);
    person_forget(p);
}

void removal_carry_out_take(struct room *r)
{
    list_each(l, next, &r->members) end_membership(list_entry(l, struct member, in_room));
    list_each(l, next, &r->people) forget_person(list_entry(l, struct person, in_room));
    markers_forget(r);
    due_polls_forget_room(r);
    standings_forget_room(r);
    room_destroy(&r);
}

/* --- submitting ----------------------------------------------------------------------------- */

enum err removal_submit(const struct room *r, const char *key, journal_done *done, void *arg)
{
    const struct chat_config *config = r->chat->config;
    struct bytes body = {0};
    object_begin(&body, NULL);
    object_add_text(&body, "room", r->name);
    if (r->life > 0)
        object_add_number(&body, "life", r->life);
    object_end(&body);
    struct event e = {.room = SERVER_LOG,
                      .kind = EVENT_ROOM_GONE,
                      .key = key,
                      .body = body.at,
                      .body_bytes = body.size};
    enum err err =
        body.failed ? ERR_UNAVAILABLE : config->journal_ops->submit(config->journal, &e, done, arg);
    bytes_finish(&body);
    return err;
}

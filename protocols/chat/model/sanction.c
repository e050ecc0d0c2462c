/* sanction.c - see sanction.h. */
#include "sanction.h"

#include "fanout.h"
#include "identity.h"
#include "marker.h"
#include "member.h"
#include "person.h"
#include "room.h"
#include "sink.h"
#include "standings.h"

#include "chat/base/json.h"
#include "chat/base/object.h"
#include "chat/base/wire.h"

#include <stdlib.h>
#include <string.h>

/* The identity that the act is about. NULL: not in memory. */
static struct identity *find_target(const struct chat *chat, const struct event *e,
                                    const json_t *body)
{
    struct nick nick;
    struct identity *i = NULL;
    const char *name = field_string(body, "nick");
    if (name != NULL && nick_parse(chat->nicks, name, &nick) == OK)
        i = identity_find(chat, nick.skeleton);
    return i != NULL && i->id == e->of ? i : NULL;
}

/* The act as a signal in a room. */
static void write_signal(struct bytes *frame, const struct room *r, const struct event *e,
                         json_t *body)
{
    json_object_set_new(body, "room", json_string(r->name));
    char *text = json_dumps(body, JSON_COMPACT);
    size_t mark = wire_open(frame, event_traits(e->kind)->type);
    if (text != NULL)
        object_add_members(frame, text, strlen(text));
    wire_close(frame, mark);
    frame->failed |= text == NULL;
    free(text);
}

static void tell_room(struct room *r, const struct event *e, json_t *body)
{
    struct bytes frame = {0};
    write_signal(&frame, r, e, body);
    members_tell(r, &frame);
    bytes_finish(&frame);
}

/* Ends the identity's memberships in the room: flush, queue the signal in s->out (never dropped),
 * leave. Events that a slow session still lacks reach it if it may join again. */
static void put_out_of(struct identity *i, struct room *r, const struct event *e, json_t *body)
{
    list_each(l, next, &i->sessions)
    {
        struct session *s = list_entry(l, struct session, in_identity);
        struct member *m = member_find(r, s);
        if (m == NULL)
            continue;
        fanout_member(m);
        write_signal(&s->out, r, e, body);
        sink_make_dirty(s);
        member_leave(&m, true);
    }
    struct marker marker = marker_of(i, r);
    marker.room = r;
    marker.joined = false;
    if (i->loaded)
        marker_set(i, &marker);
}

static void end_sessions(struct identity *i)
{
    list_each(l, next, &i->sessions)
        sink_close(list_entry(l, struct session, in_identity), CLOSE_BANNED, "banned");
}

static void everywhere(struct identity *i, const struct event *e, json_t *body)
{
    json_object_set_new(body, "everywhere", json_true());
    list_each(l, next, &i->people)
    {
        struct person *p = list_entry(l, struct person, of_identity);
        person_changed(p);
        tell_room(p->room, e, body);
    }
    if (standings_banned(i->chat, i->id, NULL))
        end_sessions(i);
}

/* `i` NULL: the person is not in memory. Every node follows the server's log, so none has to tell
 * the others. */
static void in_room(struct identity *i, struct room *r, const struct event *e, json_t *body)
{
    bool out = e->kind == EVENT_KICK || standings_banned(r->chat, e->of, r);
    struct person *p = i == NULL ? NULL : person_find(r, i);
    if (p != NULL)
        person_changed(p); /* their role may have changed */
    if (out && i != NULL)
        put_out_of(i, r, e, body);
    if (out && (i == NULL || !i->loaded))
        marker_keep(r->chat, e->of, &(struct marker){.room = r});
}

void sanctions_apply(struct chat *chat, const struct event *e)
{
    if (event_traits(e->kind)->class != CLASS_ACT || strcmp(e->room, SERVER_LOG) != 0)
        return;
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    const char *name = field_string(body, "room");
    struct room *r = name == NULL ? NULL : room_find(chat, name);
    struct identity *i = find_target(chat, e, body);
    if (i != NULL && name == NULL)
        everywhere(i, e, body);
    else if (r != NULL)
        in_room(i, r, e, body);
    json_decref(body);
}

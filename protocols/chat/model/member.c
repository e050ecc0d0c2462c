/* member.c - see member.h. */
#include "member.h"

#include "person.h"
#include "sink.h"

#include <stdlib.h>

struct member *member_find(const struct room *r, const struct session *s)
{
    list_each(l, next, &s->members)
    {
        struct member *m = list_entry(l, struct member, in_session);
        if (m->room == r)
            return m;
    }
    return NULL;
}

struct member *member_enter(struct room *r, struct session *s, uint64_t seq)
{
    struct member *m = calloc(1, sizeof *m);
    if (m == NULL)
        return NULL;
    m->person = person_enter(r, s->identity);
    if (m->person == NULL) {
        free(m);
        return NULL;
    }
    m->session = s;
    m->room = r;
    m->seq = seq;
    m->offset = seq > r->last ? WINDOW_OUTSIDE : window_find(&r->window, seq);
    window_seen(&r->window);
    list_add(&r->members, &m->in_room);
    list_add(&s->members, &m->in_session);
    r->member_count++;
    s->member_count++;
    r->chat->stats.members++;
    return m;
}

void member_leave(struct member **member, bool at_once)
{
    struct member *m = *member;
    if (m == NULL)
        return;
    list_remove(&m->in_room);
    list_remove(&m->in_session);
    m->room->member_count--;
    m->room->left_ms = m->room->chat->now_ms;
    m->session->member_count--;
    m->room->chat->stats.members--;
    person_leave(m->person, at_once);
    free(m);
    *member = NULL;
}

void member_hold(struct member *m, bool on)
{
    if (m == NULL)
        return;
    m->held = on;
    if (!on)
        sink_make_dirty(m->session);
}

void members_tell(struct room *r, const struct bytes *frame)
{
    list_each(l, next, &r->members)
    {
        sink_tell(list_entry(l, struct member, in_room)->session, frame);
    }
    r->chat->stats.signals++;
}

void members_signal(struct room *r, const struct identity *except, const struct bytes *frame)
{
    if (frame->failed)
        return;
    list_each(l, next, &r->members)
    {
        struct member *m = list_entry(l, struct member, in_room);
        if (m->person->identity != except)
            sink_signal(m->session, frame);
    }
    r->chat->stats.signals++;
}

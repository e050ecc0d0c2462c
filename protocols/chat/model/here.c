/* here.c - see here.h. */
#include "here.h"

#include "identity.h"
#include "member.h"
#include "person.h"
#include "sink.h"
#include "standings.h"

#include "chat/base/object.h"
#include "chat/base/wire.h"

#define STAY_MS    3000 /* a person who lost their link may return so long without a signal */
#define TELL_NAMES 100  /* above this a signal has only the count */

/* Frames and changes of one tick: some milliseconds, or one room if it has more. */
#define COST_A_TICK 1000

/* Frames that typing may cost a room, however many people type: 2,000 a second. */
#define TYPING_FRAME_US 500
#define TYPING_BURST    2000

static bool is_awaited(const struct person *p)
{
    return !person_is_here(p) && p->left_ms + STAY_MS > p->room->chat->now_ms;
}

static enum role role_of_person(const struct person *p)
{
    return standings_role(p->room->chat, p->identity->id, p->room);
}

/* Whether the members see a difference: a change on one node is none while the person is also on
 * another. */
static bool is_news(const struct person *p)
{
    return !person_is_here(p) || !p->announced || p->announced_away != p->identity->away ||
           p->announced_role != role_of_person(p);
}

static void write_came(struct bytes *b, const struct list *changes)
{
    array_begin(b, "came");
    list_each(l, next, changes)
    {
        const struct person *p = list_entry(l, struct person, in_changed);
        if (person_is_here(p) && is_news(p))
            identity_write(b, p->identity, p->room);
    }
    array_end(b);
}

static void write_left(struct bytes *b, const struct list *changes)
{
    array_begin(b, "left");
    list_each(l, next, changes)
    {
        const struct person *p = list_entry(l, struct person, in_changed);
        if (!person_is_here(p) && p->announced)
            object_add_text(b, NULL, p->identity->nick);
    }
    array_end(b);
}

/* Moves the changes that are due to `now`; returns how many of them are news here. */
static size_t take_changes(struct room *r, struct list *now)
{
    size_t n = 0;
    list_init(now);
    list_remove(&r->in_telling);
    list_each(l, next, &r->changed)
    {
        struct person *p = list_entry(l, struct person, in_changed);
        if (is_awaited(p)) {
            people_tell_after(r, STAY_MS / 4);
            continue;
        }
        list_remove(l);
        list_add(now, l);
        n += is_news(p);
    }
    return n;
}

static size_t count_gone(const struct list *changes)
{
    size_t n = 0;
    list_each(l, next, changes) n += !person_is_here(list_entry(l, struct person, in_changed));
    return n;
}

/* Returns the number of changes. */
static size_t settle(struct list *changes)
{
    size_t n = 0;
    list_each(l, next, changes)
    {
        n++;
        struct person *p = list_entry(l, struct person, in_changed);
        list_remove(l);
        bool has_session = p->sessions > 0;
        if (has_session != p->announced_to_nodes && p->room->chat->tell_nodes != NULL)
            p->room->chat->tell_nodes(p, has_session);
        p->announced_to_nodes = has_session;
        p->announced_away = p->identity->away;
        p->announced_role = role_of_person(p);
        p->announced = person_is_here(p);
        if (!p->announced)
            person_forget(p);
    }
    return n;
}

static void send(struct room *r, const struct bytes *frame)
{
    list_each(l, next, &r->members)
    {
        struct member *m = list_entry(l, struct member, in_room);
        m->here_missed |= frame->failed || !sink_signal(m->session, frame);
    }
    r->chat->stats.signals++;
}

void here_tell_missed(struct member *m)
{
    struct bytes b = {0};
    if (!m->here_missed)
        return;
    size_t mark = wire_open(&b, "here");
    object_add_text(&b, "room", m->room->name);
    object_add_number(&b, "count", m->room->people_count);
    wire_close(&b, mark);
    m->here_missed = b.failed || !sink_signal(m->session, &b);
    bytes_finish(&b);
}

size_t here_tell(struct room *r)
{
    struct bytes b = {0};
    struct list changes;
    size_t n = take_changes(r, &changes);
    if (list_empty(&changes))
        return 0;
    size_t mark = wire_open(&b, "here");
    object_add_text(&b, "room", r->name);
    object_add_number(&b, "count", r->people_count - count_gone(&changes));
    if (n <= TELL_NAMES) {
        write_came(&b, &changes);
        write_left(&b, &changes);
    }
    wire_close(&b, mark);
    size_t cost = settle(&changes);
    if (n > 0) {
        cost += r->member_count;
        send(r, &b);
    }
    bytes_finish(&b);
    return cost;
}

bool here_tick(struct chat *chat)
{
    size_t cost = 0;
    list_each(l, next, &chat->telling)
    {
        struct room *r = list_entry(l, struct room, in_telling);
        if (r->tell_here_ms > chat->now_ms)
            continue;
        if (cost >= COST_A_TICK)
            return true;
        cost += here_tell(r);
    }
    return false;
}

/* --- typing --------------------------------------------------------------------------------- */

bool here_tell_typing(struct room *r, const char *from, const struct identity *except)
{
    if (!rate_take(&r->typing, TYPING_FRAME_US, TYPING_BURST, r->member_count, r->chat->now_ms,
                   NULL))
        return false;
    struct bytes frame = {0};
    size_t mark = wire_open(&frame, "typing");
    object_add_text(&frame, "room", r->name);
    object_add_text(&frame, "from", from);
    wire_close(&frame, mark);
    members_signal(r, except, &frame);
    bytes_finish(&frame);
    return true;
}

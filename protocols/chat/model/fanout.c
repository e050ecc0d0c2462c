/* fanout.c - cursors move. Once per turn of the loop, each member whose socket is free gets all
 * that lies between its cursor and the head in one write; all members read the same bytes.
 *
 * A member that has fallen out of the window reads on from the archive, a piece at a time and only
 * while its socket takes it, until the window has it again. */
#include "chat/command/command.h"
#include "chat/command/request.h"
#include "room.h"
#include "session.h"

#define FETCH_BYTES ((size_t)64 * 1024)

static void on_fetched(struct ask *ask)
{
    struct request *q = ask->arg;
    const struct ask_events *events = (struct ask_events *)ask;
    struct session *s = request_session(q);
    struct room *r = room_find(q->chat, q->room);
    struct member *m = s == NULL || r == NULL ? NULL : room_member(r, s);
    bool asked =
        m != NULL && m->fetching && m->seq == q->of; /* not the membership before this one */
    request_destroy(&q);
    if (!asked || s->state == SESSION_CLOSING)
        return;

    m->fetching = false;
    if (m->held) /* it goes on from where it is, if it goes on */
        return;
    if (ask->err != OK) { /* it comes back, resumes, and is told what can be told */
        session_close(s, CLOSE_TOO_SLOW, "resume");
        return;
    }
    /* Nothing there though the window begins later: the archive has a hole, the window goes on. */
    m->seq = events->last > 0 ? events->last : r->window.floor;
    m->offset = window_find(&r->window, m->seq);
    window_seen(&r->window);
    bytes_add(&s->out, ask->text.at, ask->text.size);
    session_make_dirty(s);
}

static void fetch(struct member *m)
{
    struct session *s = m->session;
    struct request *q = m->fetching ? NULL : request_create(s, NULL, m->room->name);
    if (q == NULL)
        return;
    m->fetching = true;
    q->of = m->seq;
    s->chat->stats.fetches++;
    struct ask_events *ask = ask_create(sizeof *ask, ASK_EVENTS, m->room->name, on_fetched, q);
    if (ask != NULL) {
        ask->after = m->seq;
        ask->upto = m->room->last;
        ask->bytes_max = FETCH_BYTES;
    }
    if (ask_take(s->chat->config, (struct ask *)ask) != OK) {
        request_destroy(&q);
        session_close(s, CLOSE_TOO_SLOW, "resume");
    }
}

void member_flush(struct member *m)
{
    struct session *s = m->session;
    struct window *w = &m->room->window;
    size_t n;

    if (m->held || m->fetching || m->offset == window_head(w) || s->out.size > 0 || s->choked)
        return;
    const char *from = window_from(w, m->offset, &n);
    if (from == NULL) {
        fetch(m);
        return;
    }
    window_seen(w);
    m->offset += session_send(s, from, n);
    m->seq = m->offset == window_head(w) ? m->room->last : window_seq_at(w, m->offset);
}

static void flush_room(struct room *r)
{
    list_each(l, next, &r->members) member_flush(list_entry(l, struct member, in_room));
}

void chat_flush(struct chat *chat)
{
    while (!list_empty(&chat->dirty_sessions))
        session_flush(list_entry(chat->dirty_sessions.next, struct session, in_dirty));
    while (!list_empty(&chat->dirty_rooms)) {
        struct room *r = list_entry(chat->dirty_rooms.next, struct room, in_dirty);
        list_remove(&r->in_dirty);
        flush_room(r);
    }
}

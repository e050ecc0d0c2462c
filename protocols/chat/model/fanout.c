/* fanout.c - see fanout.h. */
#include "fanout.h"

#include "ask.h"
#include "member.h"
#include "room.h"
#include "session.h"
#include "sink.h"

#include <stdlib.h>

#define FETCH_BYTES ((size_t)64 * 1024)

/* A read of the archive for a member, which may be gone when the answer comes. */
struct fetch {
    struct chat *chat;
    uint64_t session;
};

/* The member that asked. NULL: it is gone, or a newer membership has taken its place. */
static struct member *take_asker(struct fetch *f, const struct ask_events *events)
{
    struct session *s = session_find(f->chat, f->session);
    struct room *r = room_find(f->chat, events->ask.room);
    struct member *m = s == NULL || r == NULL ? NULL : member_find(r, s);
    free(f);
    if (m == NULL || !m->fetching || m->seq != events->after || s->state == SESSION_CLOSING)
        return NULL;
    return m;
}

static void on_fetched(struct ask *ask)
{
    const struct ask_events *events = (struct ask_events *)ask;
    struct member *m = take_asker(ask->arg, events);
    if (m == NULL)
        return;
    m->fetching = false;
    if (m->held) /* if the second join fails, fanout_member() asks again */
        return;
    if (ask->err != OK) { /* the client reconnects and resumes */
        sink_close(m->session, CLOSE_TOO_SLOW, "resume");
        return;
    }
    struct window *w = &m->room->window;
    /* No event: the archive has a hole up to `upto`. */
    m->seq = events->last > 0 ? events->last : events->upto;
    m->offset = window_find(w, m->seq);
    window_seen(w);
    bytes_add(&m->session->out, ask->text.at, ask->text.size);
    sink_make_dirty(m->session);
}

static bool ask_events(struct member *m, struct fetch *f)
{
    struct ask_events *ask = ask_create(sizeof *ask, ASK_EVENTS, m->room->name, on_fetched, f);
    if (ask == NULL)
        return false;
    ask->ask.turn = m->session->chat->now_ms * 1000;
    ask->after = m->seq;
    ask->upto = m->room->last;
    ask->bytes_max = FETCH_BYTES;
    return ask_take(m->session->chat->config, &ask->ask) == OK;
}

static void fetch(struct member *m)
{
    struct session *s = m->session;
    struct fetch *f = m->fetching ? NULL : malloc(sizeof *f);
    if (f == NULL)
        return;
    *f = (struct fetch){s->chat, s->id};
    m->fetching = true;
    s->chat->stats.fetches++;
    if (!ask_events(m, f)) {
        free(f);
        sink_close(s, CLOSE_TOO_SLOW, "resume");
    }
}

void fanout_member(struct member *m)
{
    struct session *s = m->session;
    struct window *w = &m->room->window;
    size_t n;

    if (m->held || m->fetching || m->offset == window_head(w) || s->out.size > 0 ||
        s->write_blocked)
        return;
    if (m->offset == WINDOW_OUTSIDE && m->seq > m->room->last)
        return; /* the client knows more than this node */
    if (m->offset == WINDOW_OUTSIDE)
        m->offset = window_find(w, m->seq);
    const char *from = window_from(w, m->offset, &n);
    if (from == NULL) {
        fetch(m);
        return;
    }
    window_seen(w);
    m->offset += sink_send(s, from, n);
    m->seq = m->offset == window_head(w) ? m->room->last : window_seq_at(w, m->offset);
}

void fanout_room(struct room *r)
{
    list_each(l, next, &r->members) fanout_member(list_entry(l, struct member, in_room));
}

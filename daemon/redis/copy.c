/* copy.c - see copy.h. */
#include "copy.h"

#include "chat/base/json.h"
#include "follower.h"
#include "log.h"
#include "private.h"
#include "secret.h"
#include "stream.h"
#include "ticket.h"
#include "wall.h"
#include "store/copy.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define AHEAD_QUIET_MS 10000 /* between two lines of the log about times */

/* --- tickets -------------------------------------------------------------------------------- */

/* The key of a refused command is free: the command is judged again, as on a node alone. */
static void on_verdict(void *arg, const struct store_written *w)
{
    struct ticket *t = arg;
    if (w->is_void && t->e.key != NULL && t->e.seq != t->void_seq && !t->journal->ending)
        ticket_free_key(t);
    else
        ticket_judged(t, w);
}

/* The event is in the store already, under this number or another. */
static void look_up(struct stream *s, struct ticket *t)
{
    if (store_verdict(s->journal->store, &t->e, s->life, on_verdict, t) != OK)
        ticket_finish(t, ERR_UNAVAILABLE, 0, 0);
}

/* Tickets are in the order of their numbers, except those that Redis remembered. */
static void judge_awaited(struct stream *s, const struct store_written *w)
{
    list_each(i, n, &s->awaited)
    {
        struct ticket *t = list_entry(i, struct ticket, in_list);
        if (t->e.seq > w->number && t->again)
            continue;
        if (t->e.seq > w->number)
            break;
        list_remove(&t->in_list);
        if (t->again || t->e.seq < w->number)
            look_up(s, t);
        else
            ticket_judged(t, w);
    }
}

void copy_await(struct stream *s, struct ticket *t)
{
    if (stream_has_ended(s)) {
        ticket_finish(t, ERR_NO_SUCH_ROOM, 0, 0);
        return;
    }
    if (t->e.seq <= s->copied) {
        look_up(s, t);
        return;
    }
    list_add(&s->awaited, &t->in_list);
    stream_expect(s, t->e.seq);
}

/* --- the store ------------------------------------------------------------------------------ */

/* A room was created: its stream begins in the generation of that event. */
static void begin_stream(struct journal *j, const struct store_written *w, const json_t *body)
{
    struct stream *s =
        stream_create(j, field_string(body, "room"), (uint64_t)field_int(body, "life", 0));
    if (s != NULL)
        s->gen = seq_gen(w->number);
}

/* The event begins or ends a stream. */
static void change_streams(struct journal *j, const struct store_written *w)
{
    json_t *body = json_loadb(w->e.body, w->e.body_bytes, 0, NULL);
    const char *name = field_string(body, "room");
    struct stream *s = name == NULL ? NULL : stream_find(j, name);
    if (name != NULL && s == NULL && w->e.kind == EVENT_ROOM)
        begin_stream(j, w, body);
    else if (s != NULL && w->e.kind == EVENT_ROOM_GONE)
        stream_end(s, w->number);
    json_decref(body);
}

/* The store has refused an event. The events behind it fail, too; when all have, the stream is read
 * again from the store's last one. */
static void on_torn(struct stream *s, const struct store_written *w)
{
    if (!s->torn) {
        s->torn = true;
        s->gen = seq_gen(w->number); /* the stream may have gone on to the next one */
        follower_give_up(s);
    }
    if (s->storing == 0) {
        s->torn = false;
        stream_end_live(s);
        s->taken = s->copied;
    }
}

static void on_copied(void *arg, const struct store_written *w)
{
    struct stream *s = arg;
    struct journal *j = s->journal;
    s->storing--;
    if (stream_has_ended(s))
        return;
    if (s->torn || w->err == ERR_UNAVAILABLE) {
        on_torn(s, w);
        return;
    }
    struct event e = w->e;
    if (!w->is_new)
        e = (struct event){.room = s->name, .seq = w->number, .kind = EVENT_VOID};
    s->copied = w->number;
    chat_apply(j->chat, &e);
    if (e.kind == EVENT_ROOM || e.kind == EVENT_ROOM_GONE)
        change_streams(j, w);
    secret_copied(s, w);
    judge_awaited(s, w);
    follower_release(s);
    secret_settle(s);
}

/* It is an event like others (see event_time()), but the operator should know. */
static void note_ahead(struct stream *s, const struct event *e)
{
    struct journal *j = s->journal;
    int64_t wall_ms = wall_now_ms(j), now_ms = clock_now_ms();
    if (wall_ms == 0 || e->at_ms <= wall_ms + EVENT_AHEAD_MS)
        return;
    j->ahead_count++;
    if (j->ahead_logged_ms != 0 && now_ms < j->ahead_logged_ms + AHEAD_QUIET_MS)
        return;
    j->ahead_logged_ms = now_ms;
    log_warn("redis room=%s seq=%" PRIu64 " is dated ahead by hours=%" PRId64
             ": those behind it are not. So far events=%" PRIu64,
             s->name, e->seq, (e->at_ms - wall_ms) / 3600000, j->ahead_count);
}

bool copy_take(struct stream *s, const struct event *e)
{
    if (s->torn || store_copy(s->journal->store, e, s->life, s->taken, on_copied, s) != OK)
        return false;
    note_ahead(s, e);
    s->taken = e->seq;
    s->storing++;
    if (s->want < s->taken)
        s->want = s->taken;
    return true;
}

/* Redis has lost the events in between. The gap has the number of the last of them. */
bool copy_take_gap(struct stream *s, const struct event *before)
{
    char body[64];
    snprintf(body, sizeof body, "{\"after\":%llu}", (unsigned long long)stream_next(s) - 1);
    struct event gap = {.room = s->name,
                        .seq = before->seq - 1,
                        .at_ms = before->at_ms,
                        .kind = EVENT_GAP,
                        .body = body,
                        .body_bytes = strlen(body)};
    log_warn("redis room=%s: %llu events are missing", s->name,
             (unsigned long long)(before->seq - stream_next(s)));
    return copy_take(s, &gap);
}

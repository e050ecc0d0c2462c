/* redis_copy.c - a log's events into the store, in order; then the chat is told, then who waits.
 * See redis_inside.h. */
#include "private.h"

#include "chat/base/json.h"
#include "log.h"

#include <stdio.h>
#include <string.h>

static void verdict_is_there(void *arg, const struct store_written *w) { ticket_judged(arg, w); }

/* What became of an event that is in the store already. */
static void look_up(struct stream *s, struct ticket *t)
{
    struct store *store = s->journal->config->store;
    if (store_verdict(store, &t->e, verdict_is_there, t) != OK)
        ticket_finish(t, ERR_UNAVAILABLE, 0, 0);
}

static void tell_waiting(struct stream *s, const struct store_written *w)
{
    list_each(i, n, &s->awaited)
    {
        struct ticket *t = list_entry(i, struct ticket, in_list);
        if (t->e.seq > w->number && t->again)
            continue;
        if (t->e.seq > w->number) /* they are in order, as they were numbered */
            break;
        list_remove(&t->in_list);
        if (t->again || t->e.seq < w->number)
            look_up(s, t);
        else
            ticket_judged(t, w);
    }
}

/* A room has come to be: it has a log from here on. */
static void note_room(struct stream *server, const struct store_written *w)
{
    struct journal *j = server->journal;
    json_t *body = json_loadb(w->e.body, w->e.body_bytes, 0, NULL);
    const char *name = field_string(body, "room");
    struct stream *s = name == NULL || stream_find(j, name) != NULL ? NULL : stream_of(j, name);
    if (s != NULL)
        s->gen = seq_gen(w->number);
    json_decref(body);
}

static void on_copied(void *arg, const struct store_written *w)
{
    struct stream *s = arg;
    struct journal *j = s->journal;
    s->storing--;
    if (w->err == ERR_UNAVAILABLE && !s->torn) {
        s->torn = true;
        s->gen = seq_gen(w->number); /* it may have gone on to the next */
        stream_release_followers(s);
    }
    if (s->torn) { /* tried again each second, from what is in the file */
        if (s->storing == 0) {
            s->torn = s->live = false;
            s->taken = s->copied;
        }
        return;
    }
    struct event e = w->e;
    if (!w->is_new)
        e = (struct event){.room = s->name, .seq = w->number, .kind = EVENT_VOID};
    s->copied = w->number;
    chat_apply(j->chat, &e);
    if (w->is_new && e.kind == EVENT_ROOM)
        note_room(s, w);
    polls_copied(s, w);
    tell_waiting(s, w);
    stream_release(s, s->copied);
    polls_settle(s);
}

bool stream_take(struct stream *s, const struct event *e)
{
    if (s->torn || store_copy(s->journal->config->store, e, s->taken, on_copied, s) != OK)
        return false;
    s->taken = e->seq;
    s->storing++;
    if (s->want < s->taken)
        s->want = s->taken;
    return true;
}

/* What is missing between the log and this event is missing in Redis: members are told. The gap
 * has the number of the last one. */
bool stream_take_gap(struct stream *s, const struct event *before)
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
    return stream_take(s, &gap);
}

void stream_await(struct stream *s, struct ticket *t)
{
    if (t->e.seq <= s->copied) {
        look_up(s, t);
        return;
    }
    list_add(&s->awaited, &t->in_list);
    stream_expect(s, t->e.seq);
}

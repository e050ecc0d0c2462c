/* redis_copy.c - a log's events into the store, in order; then the chat is told, then who waits.
 * See redis_inside.h. */
#include "private.h"

#include "chat/base/json.h"
#include "log.h"

#include <stdio.h>
#include <string.h>

static void verdict_is_there(void *arg, const struct store_written *w) { ticket_judged(arg, w); }

/* What became of an event that is in the store already. */
static void look_up(struct log *l, struct ticket *t)
{
    struct store *store = l->journal->config->store;
    if (store_verdict(store, &t->e, verdict_is_there, t) != OK)
        ticket_finish(t, ERR_UNAVAILABLE, 0, 0);
}

static void tell_waiting(struct log *l, const struct store_written *w)
{
    list_each(i, n, &l->awaited)
    {
        struct ticket *t = list_entry(i, struct ticket, in_list);
        if (t->e.seq > w->number && t->again)
            continue;
        if (t->e.seq > w->number) /* they are in order, as they were numbered */
            break;
        list_remove(&t->in_list);
        if (t->again || t->e.seq < w->number)
            look_up(l, t);
        else
            ticket_judged(t, w);
    }
}

/* A room has come to be: it has a log from here on. */
static void note_room(struct log *server, const struct store_written *w)
{
    struct journal *j = server->journal;
    json_t *body = json_loadb(w->e.body, w->e.body_bytes, 0, NULL);
    const char *name = field_string(body, "room");
    struct log *l = name == NULL || log_find(j, name) != NULL ? NULL : log_of(j, name);
    if (l != NULL)
        l->gen = seq_gen(w->number);
    json_decref(body);
}

static void on_copied(void *arg, const struct store_written *w)
{
    struct log *l = arg;
    struct journal *j = l->journal;
    l->storing--;
    if (w->err == ERR_UNAVAILABLE && !l->torn) {
        l->torn = true;
        l->gen = seq_gen(w->number); /* it may have gone on to the next */
        log_release_followers(l);
    }
    if (l->torn) { /* tried again each second, from what is in the file */
        if (l->storing == 0) {
            l->torn = l->live = false;
            l->taken = l->copied;
        }
        return;
    }
    struct event e = w->e;
    if (!w->is_new)
        e = (struct event){.room = l->name, .seq = w->number, .kind = EVENT_VOID};
    l->copied = w->number;
    chat_apply(j->chat, &e);
    if (w->is_new && e.kind == EVENT_ROOM)
        note_room(l, w);
    polls_copied(l, w);
    tell_waiting(l, w);
    log_release(l, l->copied);
    polls_settle(l);
}

bool log_take(struct log *l, const struct event *e)
{
    if (l->torn || store_copy(l->journal->config->store, e, l->taken, on_copied, l) != OK)
        return false;
    l->taken = e->seq;
    l->storing++;
    if (l->want < l->taken)
        l->want = l->taken;
    return true;
}

/* What is missing between the log and this event is missing in Redis: members are told. The gap
 * has the number of the last one. */
bool log_take_gap(struct log *l, const struct event *before)
{
    char body[64];
    snprintf(body, sizeof body, "{\"after\":%llu}", (unsigned long long)log_next(l) - 1);
    struct event gap = {.room = l->name,
                        .seq = before->seq - 1,
                        .at_ms = before->at_ms,
                        .kind = EVENT_GAP,
                        .body = body,
                        .body_bytes = strlen(body)};
    log_warn("redis room=%s: %llu events are missing", l->name,
             (unsigned long long)(before->seq - log_next(l)));
    return log_take(l, &gap);
}

void log_await(struct log *l, struct ticket *t)
{
    if (t->e.seq <= l->copied) {
        look_up(l, t);
        return;
    }
    list_add(&l->awaited, &t->in_list);
    log_expect(l, t->e.seq);
}

/* ticket.c - see ticket.h. */
#include "ticket.h"

#include "log.h"
#include "private.h"
#include "soon.h"
#include "stream.h"
#include "store/submit.h"

#include <stdlib.h>
#include <string.h>

struct ticket *ticket_create(struct journal *j, const struct event *e, journal_done *done,
                             void *arg)
{
    size_t key = e->key == NULL ? 0 : strlen(e->key) + 1;
    struct ticket *t = calloc(1, sizeof *t + e->body_bytes + 1 + key);
    struct stream *s = t == NULL ? NULL : stream_find(j, e->room);
    if (s == NULL) {
        free(t);
        return NULL;
    }
    char *to = (char *)(t + 1);
    t->journal = j;
    t->stream = s;
    t->e = *e;
    t->e.seq = 0;
    t->e.room = s->name;
    t->e.body = memcpy(to, e->body, e->body_bytes);
    t->e.key = key == 0 ? NULL : memcpy(to + e->body_bytes + 1, e->key, key);
    t->done = done;
    t->arg = arg;
    t->key = key_submit(j->redis->prefix, e);
    list_add(&j->outbox, &t->in_list);
    j->tickets++;
    return t;
}

static void nobody_waits(void *arg, enum err err, uint64_t seq, int64_t at_ms)
{
    (void)arg, (void)err, (void)seq, (void)at_ms;
}

void ticket_repeat(struct journal *j, const struct event *e)
{
    if (ticket_create(j, e, nobody_waits, NULL) == NULL)
        log_error("redis room=%s: an event of an old generation is lost: no memory", e->room);
    j->resend = true;
}

void ticket_return(struct ticket *t)
{
    struct journal *j = t->journal;
    list_remove(&t->in_list);
    list_add(j->outbox.next, &t->in_list); /* before the first */
    t->e.seq = 0;
    t->asked = t->again = false;
    j->resend = true;
    soon_now(j);
}

void ticket_free_key(struct ticket *t)
{
    t->void_seq = t->e.seq;
    ticket_return(t);
}

void ticket_finish(struct ticket *t, enum err err, uint64_t seq, int64_t at_ms)
{
    list_remove(&t->in_list);
    t->journal->tickets--;
    t->done(t->arg, err, seq, at_ms);
    free(t);
}

void ticket_judged(struct ticket *t, const struct store_written *w)
{
    ticket_finish(t, w->err, w->e.seq, w->e.at_ms);
}

void ticket_finish_all(struct list *tickets, enum err err)
{
    list_each(i, n, tickets) ticket_finish(list_entry(i, struct ticket, in_list), err, 0, 0);
}

/* order.c - see order.h. */
#include "order.h"

#include "copy.h"
#include "private.h"
#include "stage.h"
#include "stream.h"
#include "store/reject.h"

#include <stdlib.h>
#include <string.h>

#define HELD_MAX 1000 /* of a stream; what is more is read from Redis */

/* An event out of turn; its body lies behind it. */
struct held {
    struct list in_stream;
    uint64_t read; /* stream.reads when it came */
    struct event e;
    char key[ID_MAX + 1];
};

static void hold(struct stream *s, const struct event *e)
{
    size_t key = e->key == NULL ? 0 : strlen(e->key) + 1;
    struct held *h = s->held_count >= HELD_MAX ? NULL : malloc(sizeof *h + e->body_bytes + 1);
    if (h == NULL)
        return; /* if the stream has it, read_stream() brings it */
    h->read = s->reads;
    h->e = *e;
    h->e.room = s->name;
    h->e.key = key == 0 ? NULL : memcpy(h->key, e->key, key);
    h->e.body = memcpy(h + 1, e->body, e->body_bytes);
    s->held_count++;
    list_add(&s->held, &h->in_stream);
}

static void drop(struct stream *s, struct held *h)
{
    list_remove(&h->in_stream);
    s->held_count--;
    free(h);
}

void order_take_held(struct stream *s)
{
    list_each(i, n, &s->held)
    {
        struct held *h = list_entry(i, struct held, in_stream);
        if (h->e.seq >= stream_next(s) && (h->e.seq != stream_next(s) || !copy_take(s, &h->e)))
            return;
        drop(s, h);
    }
}

/* The script "submit" writes an event before it publishes it. So an event that was held before the
 * last XRANGE was sent, and did not come with its answer, was published by somebody else; or it is
 * of the next generation, whose stream is still to be read. */
void order_drop_absent(struct stream *s)
{
    list_each(i, n, &s->held)
    {
        struct held *h = list_entry(i, struct held, in_stream);
        if (h->read >= s->reads)
            continue;
        if (seq_gen(h->e.seq) <= s->gen)
            store_reject_event(s->journal->store, s->name, h->e.seq, FAULT_ABSENT);
        drop(s, h);
    }
}

void order_drop_held(struct stream *s)
{
    list_each(i, n, &s->held) drop(s, list_entry(i, struct held, in_stream));
}

void order_hear(struct stream *s, const struct event *e)
{
    struct journal *j = s->journal;
    if (e->seq <= s->taken)
        return;
    if (e->seq > s->want)
        s->want = e->seq;
    if (seq_gen(e->seq) > j->gen && j->stage > STAGE_FENCING)
        stage_fence(j); /* another node has met another Redis */
    if (s->state == STREAM_LIVE && !s->reading && list_empty(&s->held) && e->kind != 0 &&
        e->seq == stream_next(s) && copy_take(s, e))
        return;
    if (e->kind != 0)
        hold(s, e);
    stream_behind(s);
}

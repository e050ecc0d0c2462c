/* offer.c - see offer.h.
 *
 * Each stream is offered from its newest event back: a stream that ends too early gets the events
 * behind its end; an empty one gets the newest events of its generation, and then the generation
 * before it is looked at. */
#include "offer.h"

#include "call.h"
#include "entry.h"
#include "log.h"
#include "newest.h"
#include "private.h"
#include "stream.h"
#include "ticket.h"
#include "store/tail.h"

#include <stdlib.h>
#include <string.h>

#define TAIL_EVENTS  1000   /* for an empty stream; of one page */
#define TAIL_SERVER  100000 /* for the server's: rooms and identities */
#define OFFER_EVENTS 100    /* in one call of the script */
_Static_assert(6 + 3 * OFFER_EVENTS <= CALL_ARGS_MAX, "a call holds them");
_Static_assert(3 * KEY_MAX + OFFER_EVENTS * 2 * 24 <= CALL_TEXT_MAX, "with their ids and times");

struct offer {
    struct stream *stream;
    uint64_t upto; /* the node's newest event of the generation that is looked at */
    bool empty;    /* Redis has nothing of that generation */
};

static void answered(struct journal *j)
{
    if (--j->offers == 0)
        j->on_offered(j);
}

static void finish(struct offer *o)
{
    struct journal *j = o->stream->journal;
    free(o);
    answered(j);
}

/* --- the script ----------------------------------------------------------------------------- */

struct offer_call {
    struct stream *stream;
    uint64_t first;
};

static void on_offered(redisAsyncContext *redis, void *raw, void *arg)
{
    struct offer_call *o = arg;
    struct stream *s = o->stream;
    const redisReply *reply = raw;
    (void)redis;
    if (reply != NULL && reply->type == REDIS_REPLY_ERROR) {
        bool late = strncmp(reply->str, "SEALED", 6) == 0;
        if (late && (s->surplus == 0 || o->first < s->surplus))
            s->surplus = o->first;
        if (!late)
            log_warn("redis offer: %s", reply->str);
        s->journal->offer_failed |= !late;
    }
    free(o);
    answered(s->journal);
}

/* The call borrows the payload. */
static bool add_event(struct redis_call *c, struct bytes *payload, const struct event *e)
{
    entry_write(payload, e);
    call_seq(c, e->seq);
    call_number(c, e->at_ms);
    call_bytes(c, payload->at, payload->size);
    return !payload->failed;
}

static void offer_some(struct stream *s, const struct event *events, size_t n)
{
    struct journal *j = s->journal;
    const char *prefix = j->redis->prefix;
    struct bytes payloads[OFFER_EVENTS] = {0};
    struct redis_call c;
    struct offer_call *o = malloc(sizeof *o);
    bool whole = o != NULL;
    if (o != NULL)
        *o = (struct offer_call){s, events[0].seq};
    script_begin(&c, &j->scripts, SCRIPT_OFFER);
    call_key(&c, key_stream(prefix, s->place, seq_gen(events[0].seq)));
    call_key(&c, key_sealed(prefix));
    call_number(&c, (int64_t)j->gen);
    for (size_t i = 0; i < n; i++)
        whole &= add_event(&c, &payloads[i], &events[i]);
    j->offers++;
    if (!whole || !redis_link_ask(j->ask, &c, on_offered, o)) {
        j->offer_failed = true;
        j->offers--;
        free(o);
    }
    for (size_t i = 0; i < n; i++)
        bytes_finish(&payloads[i]);
}

/* --- what there is to offer ----------------------------------------------------------------- */

static void look_at(struct stream *s, uint64_t upto);

static void on_earlier(void *arg, enum err err, const struct event *events, size_t n)
{
    struct offer *o = arg;
    if (err == OK && n == 1)
        look_at(o->stream, events[0].seq);
    finish(o);
}

static void on_page(void *arg, enum err err, const struct event *events, size_t n);

static void ask_page(struct offer *o, uint64_t after)
{
    struct stream *s = o->stream;
    size_t limit = o->empty && s == s->journal->server ? TAIL_SERVER : TAIL_EVENTS;
    if (store_tail(s->journal->store, s->name, after, o->upto, limit, o->empty, on_page, o) != OK) {
        s->journal->offer_failed = true;
        finish(o);
    }
}

/* A gap of this node is not an event for others: an offer ends before it, and an empty stream
 * begins after it. */
static void leave_out_gaps(bool empty, const struct event *events, size_t *first, size_t *end)
{
    for (size_t i = *end; i-- > 0;)
        if (events[i].kind == EVENT_GAP && empty) {
            *first = i + 1;
            return;
        } else if (events[i].kind == EVENT_GAP) {
            *end = i;
        }
}

static void on_page(void *arg, enum err err, const struct event *events, size_t n)
{
    struct offer *o = arg;
    struct stream *s = o->stream;
    struct journal *j = s->journal;
    size_t first = 0, end = n;
    leave_out_gaps(o->empty, events, &first, &end);
    j->offer_failed |= err != OK;
    for (size_t i = first; i < end; i += OFFER_EVENTS)
        offer_some(s, events + i, end - i < OFFER_EVENTS ? end - i : OFFER_EVENTS);
    if (!o->empty && end == n && n == TAIL_EVENTS)
        ask_page(o, events[n - 1].seq);
    else if (!o->empty || store_tail(j->store, s->name, 0, seq_first(seq_gen(o->upto)) - 1, 1, true,
                                     on_earlier, o) != OK)
        finish(o);
}

static void on_newest(redisAsyncContext *redis, void *raw, void *arg)
{
    struct offer *o = arg;
    uint64_t newest;
    (void)redis;
    if (!newest_read(raw, &newest)) {
        o->stream->journal->offer_failed = true;
        finish(o);
        return;
    }
    o->empty = newest == 0;
    if (newest >= o->upto)
        finish(o);
    else
        ask_page(o, o->empty ? seq_first(seq_gen(o->upto)) - 1 : newest);
}

static void look_at(struct stream *s, uint64_t upto)
{
    struct journal *j = s->journal;
    struct redis_key key = key_stream(j->redis->prefix, s->place, seq_gen(upto));
    struct offer *o = malloc(sizeof *o);
    if (o != NULL)
        *o = (struct offer){.stream = s, .upto = upto};
    j->offers++;
    if (o == NULL || !newest_ask(j->ask, key, on_newest, o)) {
        j->offer_failed = true;
        j->offers--;
        free(o);
    }
}

void offer_all(struct journal *j, void (*done)(struct journal *j))
{
    j->on_offered = done;
    j->offer_failed = false;
    j->offers++; /* until every question is on its way */
    list_each(i, n, &j->streams)
    {
        struct stream *s = list_entry(i, struct stream, in_all);
        s->surplus = 0;
        if (s->copied > 0 && seq_gen(s->copied) < j->gen)
            look_at(s, s->copied);
    }
    answered(j);
}

/* --- what came too late --------------------------------------------------------------------- */

static bool submit_again(struct journal *j, const struct event *e)
{
    struct bytes body = {0};
    struct event again;
    bool submits = event_repeat(e, &again, &body);
    if (submits)
        ticket_repeat(j, &again);
    bytes_finish(&body);
    return submits;
}

static void on_surplus(void *arg, enum err err, const struct event *events, size_t n);

static void fail_again(const struct stream *s)
{
    log_error("redis room=%s: cannot submit again events that no other node has", s->name);
}

static void ask_surplus(struct offer *o, uint64_t after)
{
    struct stream *s = o->stream;
    if (store_tail(s->journal->store, s->name, after, o->upto, TAIL_EVENTS, false, on_surplus, o) ==
        OK)
        return;
    fail_again(s);
    free(o);
}

/* Page by page, until the outbox is full. */
static void on_surplus(void *arg, enum err err, const struct event *events, size_t n)
{
    struct offer *o = arg;
    struct stream *s = o->stream;
    struct journal *j = s->journal;
    size_t count = 0;
    if (stream_has_ended(s)) {
        free(o);
        return;
    }
    if (err != OK || j->ending) {
        fail_again(s);
        free(o);
        return;
    }
    for (size_t i = 0; i < n; i++)
        count += submit_again(j, &events[i]);
    log_warn("redis room=%s: submits %zu events again that no other node has", s->name, count);
    if (n == TAIL_EVENTS && j->tickets < j->redis->outbox) {
        ask_surplus(o, events[n - 1].seq);
        return;
    }
    if (n == TAIL_EVENTS)
        log_error("redis room=%s: the outbox is full: no other node gets the events after seq=%llu",
                  s->name, (unsigned long long)events[n - 1].seq);
    free(o);
}

/* Submits the surplus events again, under new numbers. This node voids them by their keys; to the
 * other nodes they are new. */
void offer_again(struct stream *s)
{
    struct offer *o = s->surplus == 0 ? NULL : malloc(sizeof *o);
    if (o != NULL) {
        *o = (struct offer){.stream = s, .upto = seq_first(s->journal->gen) - 1};
        ask_surplus(o, s->surplus - 1);
    } else if (s->surplus != 0) {
        fail_again(s);
    }
    s->surplus = 0;
}

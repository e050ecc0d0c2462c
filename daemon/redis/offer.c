/* redis_offer.c - what the streams of old generations lack, and this node has.
 *
 * Each log is looked at from its newest event back: a stream that ends too early gets what follows
 * its end; one that is empty gets the newest events of its generation, and then the generation
 * before it is looked at. See redis_inside.h. */
#include "private.h"

#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TAIL_EVENTS  1000   /* of a stream that is empty; of one page */
#define TAIL_SERVER  100000 /* of the server's log: rooms and identities */
#define OFFER_EVENTS 100    /* in one call of the script */

struct offer {
    struct stream *stream;
    uint64_t upto; /* the newest event of the generation that is looked at */
    bool empty;    /* the stream has nothing of it */
};

/* One call of the script. */
struct call {
    struct stream *stream;
    uint64_t first;
};

static void one_less(struct journal *j)
{
    if (--j->offers > 0 || j->stage != STAGE_SEALING || !j->offered)
        return;
    if (!j->offer_failed)
        fence_note(j, "offered");
    fence_look(j);
}

static void end_offer(struct offer *o)
{
    struct journal *j = o->stream->journal;
    free(o);
    one_less(j);
}

/* --- the script ----------------------------------------------------------------------------- */

static void on_offered(redisAsyncContext *redis, void *raw, void *arg)
{
    struct call *c = arg;
    struct stream *s = c->stream;
    const redisReply *reply = raw;
    (void)redis;
    if (reply != NULL && reply->type == REDIS_REPLY_ERROR) {
        bool late = strncmp(reply->str, "SEALED", 6) == 0;
        if (late && (s->surplus == 0 || c->first < s->surplus))
            s->surplus = c->first;
        if (!late)
            log_warn("redis offer: %s", reply->str);
        s->journal->offer_failed |= !late;
    }
    free(c);
    one_less(s->journal);
}

/* One event as three arguments. */
struct offered {
    char id[REDIS_ID_MAX], at[24];
    struct bytes payload;
};

static bool write_arguments(struct offered *o, const struct event *e, const char **argv,
                            size_t *lengths)
{
    redis_id_write(o->id, e->seq);
    snprintf(o->at, sizeof o->at, "%lld", (long long)e->at_ms);
    redis_event_write(&o->payload, e);
    argv[0] = o->id;
    argv[1] = o->at;
    argv[2] = o->payload.at;
    lengths[0] = strlen(o->id);
    lengths[1] = strlen(o->at);
    lengths[2] = o->payload.size;
    return !o->payload.failed;
}

static void offer_some(struct stream *s, const struct event *events, size_t n)
{
    enum { HEAD = 6 };
    struct journal *j = s->journal;
    struct offered o[OFFER_EVENTS] = {0};
    const char *argv[HEAD + 3 * OFFER_EVENTS];
    size_t lengths[HEAD + 3 * OFFER_EVENTS];
    char key[REDIS_KEY_MAX], sealed[REDIS_KEY_MAX], gen[24];
    struct call *c = malloc(sizeof *c);
    bool whole = c != NULL;
    redis_log_key(key, j->config->redis->prefix, s->name, seq_gen(events[0].seq));
    snprintf(sealed, sizeof sealed, "%ssealed", j->config->redis->prefix);
    snprintf(gen, sizeof gen, "%llu", (unsigned long long)j->gen);
    argv[2] = "2";
    argv[3] = key;
    argv[4] = sealed;
    argv[5] = gen;
    for (size_t i = 2; i < HEAD; i++)
        lengths[i] = strlen(argv[i]);
    for (size_t i = 0; i < n; i++)
        whole &= write_arguments(&o[i], &events[i], argv + HEAD + 3 * i, lengths + HEAD + 3 * i);
    if (c != NULL)
        *c = (struct call){s, events[0].seq};
    j->offers++;
    if (!whole || !script_ask(j, SCRIPT_OFFER, on_offered, c, (int)(HEAD + 3 * n), argv, lengths)) {
        j->offer_failed = true;
        j->offers--;
        free(c);
    }
    for (size_t i = 0; i < n; i++)
        bytes_finish(&o[i].payload);
}

/* --- what there is to offer ----------------------------------------------------------------- */

static void look_at(struct stream *s, uint64_t upto);

static void on_earlier(void *arg, enum err err, const struct event *events, size_t n)
{
    struct offer *o = arg;
    if (err == OK && n == 1)
        look_at(o->stream, events[0].seq);
    end_offer(o);
}

static void on_page(void *arg, enum err err, const struct event *events, size_t n);

static void ask_page(struct offer *o, uint64_t after)
{
    struct stream *s = o->stream;
    size_t limit = o->empty && s == s->journal->server ? TAIL_SERVER : TAIL_EVENTS;
    if (store_tail(s->journal->config->store, s->name, after, o->upto, limit, o->empty, on_page,
                   o) != OK) {
        s->journal->offer_failed = true;
        end_offer(o);
    }
}

/* A gap of this node is no event that another may have: an offer ends before it, and what an empty
 * stream begins with comes after it. */
static void on_page(void *arg, enum err err, const struct event *events, size_t n)
{
    struct offer *o = arg;
    struct stream *s = o->stream;
    size_t first = 0, end = n;
    for (size_t i = n; i-- > 0;)
        if (events[i].kind == EVENT_GAP && o->empty) {
            first = i + 1;
            break;
        } else if (events[i].kind == EVENT_GAP) {
            end = i;
        }
    s->journal->offer_failed |= err != OK;
    for (size_t i = first; i < end; i += OFFER_EVENTS)
        offer_some(s, events + i, end - i < OFFER_EVENTS ? end - i : OFFER_EVENTS);
    if (!o->empty && end == n && n == TAIL_EVENTS)
        ask_page(o, events[n - 1].seq);
    else if (!o->empty || store_tail(s->journal->config->store, s->name, 0,
                                     seq_first(seq_gen(o->upto)) - 1, 1, true, on_earlier, o) != OK)
        end_offer(o);
}

static void on_old_top(redisAsyncContext *redis, void *raw, void *arg)
{
    const redisReply *reply = raw;
    struct offer *o = arg;
    uint64_t top = 0;
    (void)redis;
    if (reply == NULL || reply->type != REDIS_REPLY_ARRAY) {
        o->stream->journal->offer_failed = true;
        end_offer(o);
        return;
    }
    if (reply->elements == 1 && reply->element[0]->type == REDIS_REPLY_ARRAY &&
        reply->element[0]->elements == 2 &&
        reply->element[0]->element[0]->type == REDIS_REPLY_STRING)
        top = redis_id_read(reply->element[0]->element[0]->str, NULL);
    o->empty = top == 0;
    if (top >= o->upto)
        end_offer(o);
    else
        ask_page(o, o->empty ? seq_first(seq_gen(o->upto)) - 1 : top);
}

static void look_at(struct stream *s, uint64_t upto)
{
    struct journal *j = s->journal;
    char key[REDIS_KEY_MAX];
    const char *argv[] = {"XREVRANGE", key, "+", "-", "COUNT", "1"};
    struct offer *o = malloc(sizeof *o);
    redis_log_key(key, j->config->redis->prefix, s->name, seq_gen(upto));
    if (o != NULL)
        *o = (struct offer){.stream = s, .upto = upto};
    j->offers++;
    if (o == NULL || !redis_link_ask(j->ask, on_old_top, o, 6, argv, NULL)) {
        j->offer_failed = true;
        j->offers--;
        free(o);
    }
}

void offer_all(struct journal *j)
{
    j->offered = true;
    j->offer_failed = false;
    j->offers++; /* held until all are on their way; some of before may not be answered yet */
    list_each(i, n, &j->streams)
    {
        struct stream *s = list_entry(i, struct stream, in_all);
        s->surplus = 0;
        if (s->copied > 0 && seq_gen(s->copied) < j->gen)
            look_at(s, s->copied);
    }
    one_less(j);
}

/* --- what came too late --------------------------------------------------------------------- */

static bool submit_again(struct journal *j, const struct event *e)
{
    struct bytes body = {0};
    struct event again;
    bool submits = event_repeat(e, &again, &body);
    if (submits)
        journal_repeat(j, &again);
    bytes_finish(&body);
    return submits;
}

static void on_surplus(void *arg, enum err err, const struct event *events, size_t n)
{
    struct stream *s = arg;
    size_t said = 0;
    for (size_t i = 0; err == OK && i < n; i++)
        said += submit_again(s->journal, &events[i]);
    log_warn("redis room=%s: %zu events that only this node has are said again", s->name, said);
}

/* The others have closed the generation without them. Here they are void under their new numbers,
 * as their keys are known; where they never came they are new. */
void offer_again(struct stream *s)
{
    struct journal *j = s->journal;
    if (s->surplus > 0 && store_tail(j->config->store, s->name, s->surplus - 1,
                                     seq_first(j->gen) - 1, TAIL_EVENTS, true, on_surplus, s) != OK)
        log_error("redis room=%s: what only this node has cannot be said again", s->name);
    s->surplus = 0;
}

/* read.c - see read.h. */
#include "read.h"

#include "call.h"
#include "copy.h"
#include "entry.h"
#include "follower.h"
#include "log.h"
#include "newest.h"
#include "order.h"
#include "private.h"
#include "secret.h"
#include "stage.h"
#include "stream.h"
#include "ticket.h"
#include "store/health.h"

#include <stdlib.h>
#include <string.h>

#define READ_COUNT   500
#define STORE_ENOUGH 5000 /* jobs that wait for the store: reading waits, too */

/* --- entries -------------------------------------------------------------------------------- */

/* "at", its value, "event", its value. */
static bool has_fields(const redisReply *fields)
{
    return fields->type == REDIS_REPLY_ARRAY && fields->elements == 4 &&
           fields->element[1]->type == REDIS_REPLY_STRING &&
           fields->element[3]->type == REDIS_REPLY_STRING;
}

/* An entry that has an id has a number, whatever else it holds: without the rest it is an event of
 * kind 0, which the store voids. False: no id of this stream. */
static bool parse_entry(const redisReply *entry, struct stream *s, struct event *e, char *key)
{
    if (entry->type != REDIS_REPLY_ARRAY || entry->elements != 2 ||
        entry->element[0]->type != REDIS_REPLY_STRING)
        return false;
    const redisReply *fields = entry->element[1];
    *e = (struct event){.room = s->name, .seq = seq_read(entry->element[0]->str, NULL), .body = ""};
    const char *at = has_fields(fields) ? fields->element[1]->str : "";
    if (entry_read_time(&at, '\0', &e->at_ms))
        entry_read(e, key, fields->element[3]->str, fields->element[3]->len);
    return seq_gen(e->seq) == s->gen;
}

/* The room is removed: the server's log will say so. */
static bool is_last(const redisReply *entry)
{
    return entry->type == REDIS_REPLY_ARRAY && entry->elements == 2 &&
           has_fields(entry->element[1]) &&
           strcmp(entry->element[1]->element[3]->str, LAST_ENTRY) == 0;
}

/* False: the store cannot take more now. */
static bool take_entry(struct stream *s, const redisReply *entry)
{
    char key[ID_MAX + 1];
    struct event e;
    if (is_last(entry) || !parse_entry(entry, s, &e, key) || e.seq <= s->taken)
        return true;
    return (e.seq == stream_next(s) || copy_take_gap(s, &e)) && copy_take(s, &e);
}

/* --- the end of the stream ------------------------------------------------------------------ */

/* Awaited numbers of the old generation that never came were lost before any member saw them. */
static void go_to_next_generation(struct stream *s)
{
    s->gen++;
    for (struct list *i = s->awaited.prev, *n = i->prev; i != &s->awaited; i = n, n = i->prev) {
        struct ticket *t = list_entry(i, struct ticket, in_list);
        if (seq_gen(t->e.seq) < s->gen && t->e.seq > s->taken)
            ticket_return(t);
    }
    read_stream(s);
}

static void on_end(struct stream *s, bool was_heard)
{
    struct journal *j = s->journal;
    if (s->gen < j->gen) {
        if (j->stage == STAGE_LIVE)
            go_to_next_generation(s);
        return; /* go_on() in seal.c reads every stream again */
    }
    order_take_held(s);
    order_drop_absent(s);
    if (stream_is_heard(s) && !was_heard) { /* events may lie between this answer and the channel */
        read_stream(s);
        return;
    }
    if (stream_is_heard(s))
        stream_move(s, STREAM_LIVE);
    s->compared = true;
    if (list_empty(&s->held))
        s->want = s->taken;
    else
        stream_behind(s);
    follower_release(s);
    if (follower_wants_read(s))
        read_stream(s);
    secret_read_to_end(s);
}

/* --- reading -------------------------------------------------------------------------------- */

struct reading {
    struct stream *stream;
    uint64_t gen;
    bool heard; /* the channel was, before the stream was read */
};

static void on_read(redisAsyncContext *redis, void *raw, void *arg)
{
    const struct reading r = *(struct reading *)arg;
    struct stream *s = r.stream;
    const redisReply *reply = raw;
    (void)redis;
    free(arg);
    s->reading = false;
    if (stream_has_ended(s))
        return;
    if (reply == NULL) { /* perhaps the channel has brought all there is */
        order_take_held(s);
        return;
    }
    if (reply->type != REDIS_REPLY_ARRAY) {
        redis_link_give_up(s->journal->ask, reply->type == REDIS_REPLY_ERROR ? reply->str : "?");
        return;
    }
    if (r.gen != s->gen) { /* the stream was torn meanwhile */
        read_stream(s);
        return;
    }
    for (size_t i = 0; i < reply->elements; i++)
        if (!take_entry(s, reply->element[i])) {
            if (!s->torn)
                stream_behind(s);
            return;
        }
    if (reply->elements == READ_COUNT)
        read_stream(s);
    else
        on_end(s, r.heard);
}

void read_stream(struct stream *s)
{
    struct journal *j = s->journal;
    struct redis_call c;
    if (s->reading || s->torn || stream_has_ended(s) || j->stage < STAGE_SEALING)
        return;
    if (store_waiting(j->store) > STORE_ENOUGH) {
        stream_behind(s);
        return;
    }
    struct reading *r = malloc(sizeof *r);
    if (r == NULL)
        return;
    *r = (struct reading){s, s->gen, stream_is_heard(s)};
    s->reads++;
    call_begin(&c, "XRANGE");
    call_key(&c, key_stream(j->redis->prefix, s->place, s->gen));
    call_seq(&c, stream_next(s));
    call_seq(&c, seq_of(s->gen, N_MASK)); /* ids of later generations are not of this stream */
    call_text(&c, "COUNT");
    call_number(&c, READ_COUNT);
    s->reading = redis_link_ask(j->ask, &c, on_read, r);
    if (!s->reading)
        free(r);
}

/* The first entry from the id on. Not the newest one: if that is large, it would come each time. */
static void ask_first(struct stream *s, const char *id, redisCallbackFn *cb)
{
    struct redis_call c;
    call_begin(&c, "XRANGE");
    call_key(&c, key_stream(s->journal->redis->prefix, s->place, s->gen));
    call_text(&c, id);
    call_text(&c, "+");
    call_text(&c, "COUNT");
    call_number(&c, 1);
    redis_link_ask(s->journal->ask, &c, cb, s);
}

static void on_oldest(redisAsyncContext *redis, void *raw, void *arg)
{
    struct stream *s = arg;
    struct journal *j = s->journal;
    uint64_t oldest;
    (void)redis;
    if (!newest_read(raw, &oldest) || stream_has_ended(s))
        return;
    if (oldest > 0) {
        secret_read_to_end(s);
    } else if (j->stage == STAGE_LIVE && seq_gen(s->copied) == j->gen) {
        j->log_lost = true;
        stage_fence(j);
    }
}

static void on_later(redisAsyncContext *redis, void *raw, void *arg)
{
    struct stream *s = arg;
    uint64_t later;
    (void)redis;
    if (!newest_read(raw, &later) || stream_has_ended(s))
        return;
    s->compared = s->gen == s->journal->gen;
    if (later > 0)
        stream_expect(s, later);
    else
        ask_first(s, "-", on_oldest);
}

void read_later(struct stream *s)
{
    char id[SEQ_TEXT_MAX];
    if (s->gen < s->journal->gen) {
        read_stream(s);
        return;
    }
    seq_write(id, stream_next(s));
    ask_first(s, id, on_later);
}

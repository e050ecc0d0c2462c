/* redis_stream.c - a log is read on from its stream: where the channel has left something out, at
 * first, and from an old generation to the next. See redis_inside.h. */
#include "private.h"

#include "log.h"

#include <stdlib.h>

#define READ_COUNT   "500"
#define STORE_ENOUGH 5000 /* jobs that wait for the store: the stream can wait, too */

static bool parse_entry(const redisReply *entry, struct stream *s, struct event *e, char *key)
{
    const redisReply *fields;
    if (entry->type != REDIS_REPLY_ARRAY || entry->elements != 2 ||
        (fields = entry->element[1])->type != REDIS_REPLY_ARRAY || fields->elements != 4 ||
        entry->element[0]->type != REDIS_REPLY_STRING ||
        fields->element[1]->type != REDIS_REPLY_STRING ||
        fields->element[3]->type != REDIS_REPLY_STRING)
        return false;
    const redisReply *payload = fields->element[3];
    *e = (struct event){.room = s->name};
    e->seq = redis_id_read(entry->element[0]->str, NULL);
    e->at_ms = strtoll(fields->element[1]->str, NULL, 10);
    return e->seq > 0 && redis_event_read(e, key, payload->str, payload->len);
}

/* False: the store cannot take more now. */
static bool take_entry(struct stream *s, const redisReply *entry)
{
    char key[ID_MAX + 1];
    struct event e;
    if (!parse_entry(entry, s, &e, key)) {
        log_warn("redis room=%s: an entry of the stream is no event", s->name);
        return true;
    }
    if (e.seq <= s->taken)
        return true;
    return (e.seq == stream_next(s) || stream_take_gap(s, &e)) && stream_take(s, &e);
}

/* Numbers of the old generation that never came: their events were lost before anybody was told. */
static void go_to_next_generation(struct stream *s)
{
    s->gen++;
    for (struct list *i = s->awaited.prev, *n = i->prev; i != &s->awaited; i = n, n = i->prev) {
        struct ticket *t = list_entry(i, struct ticket, in_list);
        if (seq_gen(t->e.seq) < s->gen && t->e.seq > s->taken)
            ticket_return(t);
    }
    stream_read(s);
}

static void read_to_the_end(struct stream *s, bool heard_meanwhile)
{
    struct journal *j = s->journal;
    if (s->gen < j->gen) {
        if (j->stage == STAGE_LIVE)
            go_to_next_generation(s);
        return; /* when it is closed all logs are read on */
    }
    stream_take_held(s);
    if (s->hearing && !heard_meanwhile) { /* the channel was confirmed in between */
        stream_read(s);
        return;
    }
    s->live = s->hearing;
    if (list_empty(&s->held))
        s->want = s->taken;
    else
        stream_behind(s);
    stream_release(s, s->copied);
    polls_up_to_date(s);
}

struct reading {
    struct stream *stream;
    bool hearing;
};

static void on_read(redisAsyncContext *redis, void *raw, void *arg)
{
    struct reading *r = arg;
    struct stream *s = r->stream;
    bool hearing = r->hearing;
    const redisReply *reply = raw;
    (void)redis;
    free(r);
    s->reading = false;
    if (reply == NULL) { /* what came by the channel meanwhile may be all there is */
        stream_take_held(s);
        return;
    }
    if (reply->type != REDIS_REPLY_ARRAY) {
        redis_link_give_up(s->journal->ask, reply->type == REDIS_REPLY_ERROR ? reply->str : "?");
        return;
    }
    for (size_t i = 0; i < reply->elements; i++)
        if (!take_entry(s, reply->element[i])) {
            if (!s->torn)
                stream_behind(s);
            return;
        }
    if (reply->elements == (size_t)atoi(READ_COUNT))
        stream_read(s);
    else
        read_to_the_end(s, hearing);
}

void stream_read(struct stream *s)
{
    struct journal *j = s->journal;
    char key[REDIS_KEY_MAX], from[REDIS_ID_MAX];
    const char *argv[] = {"XRANGE", key, from, "+", "COUNT", READ_COUNT};
    if (s->reading || s->torn || j->stage < STAGE_SEALING)
        return;
    if (store_waiting(j->config->store) > STORE_ENOUGH) {
        stream_behind(s);
        return;
    }
    struct reading *r = malloc(sizeof *r);
    if (r == NULL)
        return;
    *r = (struct reading){s, s->hearing};
    redis_log_key(key, j->config->redis->prefix, s->name, s->gen);
    redis_id_write(from, stream_next(s));
    s->reading = redis_link_ask(j->ask, on_read, r, 6, argv, NULL);
    if (!s->reading)
        free(r);
}

/* --- the newest number ---------------------------------------------------------------------- */

static void on_top(redisAsyncContext *redis, void *raw, void *arg)
{
    const redisReply *reply = raw;
    struct stream *s = arg;
    (void)redis;
    if (reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements == 1 &&
        reply->element[0]->type == REDIS_REPLY_ARRAY && reply->element[0]->elements == 2 &&
        reply->element[0]->element[0]->type == REDIS_REPLY_STRING) {
        uint64_t top = redis_id_read(reply->element[0]->element[0]->str, NULL);
        stream_expect(s, top);
        if (top <= s->taken)
            polls_up_to_date(s);
    } else if (reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements == 0 &&
               s->journal->stage == STAGE_LIVE && seq_gen(s->copied) == s->journal->gen) {
        s->journal->meta.generation = s->journal->gen + 1;
        fence_begin(s->journal);
    }
}

void stream_compare_top(struct stream *s)
{
    struct journal *j = s->journal;
    char key[REDIS_KEY_MAX];
    const char *argv[] = {"XREVRANGE", key, "+", "-", "COUNT", "1"};
    if (s->gen < j->gen) {
        stream_read(s);
        return;
    }
    redis_log_key(key, j->config->redis->prefix, s->name, s->gen);
    redis_link_ask(j->ask, on_top, s, 6, argv, NULL);
}

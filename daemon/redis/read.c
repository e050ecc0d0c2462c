/* redis_stream.c - a log is read on from its stream: where the channel has left something out, at
 * first, and from an old generation to the next. See redis_inside.h. */
#include "private.h"

#include "log.h"

#include <stdlib.h>

#define READ_COUNT   "500"
#define STORE_ENOUGH 5000 /* jobs that wait for the store: the stream can wait, too */

static bool parse_entry(const redisReply *entry, struct log *l, struct event *e, char *key)
{
    const redisReply *fields;
    if (entry->type != REDIS_REPLY_ARRAY || entry->elements != 2 ||
        (fields = entry->element[1])->type != REDIS_REPLY_ARRAY || fields->elements != 4 ||
        entry->element[0]->type != REDIS_REPLY_STRING ||
        fields->element[1]->type != REDIS_REPLY_STRING ||
        fields->element[3]->type != REDIS_REPLY_STRING)
        return false;
    const redisReply *payload = fields->element[3];
    *e = (struct event){.room = l->name};
    e->seq = redis_id_read(entry->element[0]->str, NULL);
    e->at_ms = strtoll(fields->element[1]->str, NULL, 10);
    return e->seq > 0 && redis_event_read(e, key, payload->str, payload->len);
}

/* False: the store cannot take more now. */
static bool take_entry(struct log *l, const redisReply *entry)
{
    char key[ID_MAX + 1];
    struct event e;
    if (!parse_entry(entry, l, &e, key)) {
        log_warn("redis room=%s: an entry of the stream is no event", l->name);
        return true;
    }
    if (e.seq <= l->taken)
        return true;
    return (e.seq == log_next(l) || log_take_gap(l, &e)) && log_take(l, &e);
}

/* Numbers of the old generation that never came: their events were lost before anybody was told. */
static void go_to_next_generation(struct log *l)
{
    l->gen++;
    for (struct list *i = l->awaited.prev, *n = i->prev; i != &l->awaited; i = n, n = i->prev) {
        struct ticket *t = list_entry(i, struct ticket, in_list);
        if (seq_gen(t->e.seq) < l->gen && t->e.seq > l->taken)
            ticket_return(t);
    }
    log_read(l);
}

static void read_to_the_end(struct log *l, bool heard_meanwhile)
{
    struct journal *j = l->journal;
    if (l->gen < j->gen) {
        if (j->stage == STAGE_LIVE)
            go_to_next_generation(l);
        return; /* when it is closed all logs are read on */
    }
    log_take_held(l);
    if (l->hearing && !heard_meanwhile) { /* the channel was confirmed in between */
        log_read(l);
        return;
    }
    l->live = l->hearing;
    if (list_empty(&l->held))
        l->want = l->taken;
    else
        log_behind(l);
    log_release(l, l->copied);
    polls_up_to_date(l);
}

struct reading {
    struct log *log;
    bool hearing;
};

static void on_read(redisAsyncContext *redis, void *raw, void *arg)
{
    struct reading *r = arg;
    struct log *l = r->log;
    bool hearing = r->hearing;
    const redisReply *reply = raw;
    (void)redis;
    free(r);
    l->reading = false;
    if (reply == NULL) { /* what came by the channel meanwhile may be all there is */
        log_take_held(l);
        return;
    }
    if (reply->type != REDIS_REPLY_ARRAY) {
        redis_link_give_up(l->journal->ask, reply->type == REDIS_REPLY_ERROR ? reply->str : "?");
        return;
    }
    for (size_t i = 0; i < reply->elements; i++)
        if (!take_entry(l, reply->element[i])) {
            if (!l->torn)
                log_behind(l);
            return;
        }
    if (reply->elements == (size_t)atoi(READ_COUNT))
        log_read(l);
    else
        read_to_the_end(l, hearing);
}

void log_read(struct log *l)
{
    struct journal *j = l->journal;
    char key[REDIS_KEY_MAX], from[REDIS_ID_MAX];
    const char *argv[] = {"XRANGE", key, from, "+", "COUNT", READ_COUNT};
    if (l->reading || l->torn || j->stage < STAGE_SEALING)
        return;
    if (store_waiting(j->config->store) > STORE_ENOUGH) {
        log_behind(l);
        return;
    }
    struct reading *r = malloc(sizeof *r);
    if (r == NULL)
        return;
    *r = (struct reading){l, l->hearing};
    redis_log_key(key, j->config->redis->prefix, l->name, l->gen);
    redis_id_write(from, log_next(l));
    l->reading = redis_link_ask(j->ask, on_read, r, 6, argv, NULL);
    if (!l->reading)
        free(r);
}

/* --- the newest number ---------------------------------------------------------------------- */

static void on_top(redisAsyncContext *redis, void *raw, void *arg)
{
    const redisReply *reply = raw;
    struct log *l = arg;
    (void)redis;
    if (reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements == 1 &&
        reply->element[0]->type == REDIS_REPLY_ARRAY && reply->element[0]->elements == 2 &&
        reply->element[0]->element[0]->type == REDIS_REPLY_STRING) {
        uint64_t top = redis_id_read(reply->element[0]->element[0]->str, NULL);
        log_expect(l, top);
        if (top <= l->taken)
            polls_up_to_date(l);
    } else if (reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements == 0 &&
               l->journal->stage == STAGE_LIVE && seq_gen(l->copied) == l->journal->gen) {
        l->journal->meta.generation = l->journal->gen + 1;
        fence_begin(l->journal);
    }
}

void log_compare_top(struct log *l)
{
    struct journal *j = l->journal;
    char key[REDIS_KEY_MAX];
    const char *argv[] = {"XREVRANGE", key, "+", "-", "COUNT", "1"};
    if (l->gen < j->gen) {
        log_read(l);
        return;
    }
    redis_log_key(key, j->config->redis->prefix, l->name, l->gen);
    redis_link_ask(j->ask, on_top, l, 6, argv, NULL);
}

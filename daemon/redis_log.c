/* redis_log.c - one log in order, whatever brings its events: the channel, or the stream where the
 * channel has left something out. See redis_inside.h. */
#include "redis_inside.h"

#include "chat/json.h"
#include "log.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define READ_COUNT   "500"
#define HELD_MAX     1000 /* the stream has what is more */
#define STORE_ENOUGH 5000 /* jobs that wait for the store: the stream can wait, too */

/* An event that came out of turn; its strings lie behind it. */
struct held {
    struct list in_log;
    struct event e;
    char key[ID_MAX + 1];
};

/* Somebody who joins, and waits until the log is as new as it can be. */
struct follower {
    struct list in_log;
    uint64_t seq; /* to be copied first; 0: the log is not live yet */
    void (*done)(void *arg);
    void *arg;
};

static int by_name(const void *a, const void *b) { return strcmp(a, b); }

static void behind(struct log *l)
{
    if (list_empty(&l->in_behind))
        list_add(&l->journal->behind, &l->in_behind);
    journal_soon(l->journal);
}

/* The number that comes next, if the stream has not gone on to another generation. */
static uint64_t next(const struct log *l)
{
    bool begun = l->taken > 0 && seq_gen(l->taken) == l->gen;
    return begun ? l->taken + 1 : seq_first(l->gen);
}

/* --- who waits ------------------------------------------------------------------------------ */

static void release(struct log *l, uint64_t copied)
{
    list_each(i, n, &l->followers)
    {
        struct follower *f = list_entry(i, struct follower, in_log);
        if (f->seq == 0 && l->live)
            f->seq = l->taken + 1;
        if (f->seq == 0 || f->seq - 1 > copied)
            continue;
        list_remove(&f->in_log);
        f->done(f->arg);
        free(f);
    }
}

void log_release_followers(struct log *l)
{
    list_each(i, n, &l->followers) list_entry(i, struct follower, in_log)->seq = 1;
    release(l, UINT64_MAX);
}

bool journal_follow(struct journal *j, const char *room, void (*done)(void *arg), void *arg)
{
    struct log *l = log_of(j, room);
    if (l == NULL || l->live)
        return true;
    bool first = !l->wanted, hopeless = j->stage < STAGE_SEALING || !redis_link_is_up(j->hear) ||
                                        store_fault(j->config->store) != NULL;
    l->wanted = true;
    if (first) /* whatever else is away: else nobody would, when it is back */
        bus_subscribe(j, &l, 1);
    struct follower *f = hopeless ? NULL : calloc(1, sizeof *f);
    if (f == NULL)
        return true; /* with what there is */
    f->done = done;
    f->arg = arg;
    list_add(&l->followers, &f->in_log);
    if (!first)
        log_read(l);
    return false;
}

/* --- into the store ------------------------------------------------------------------------- */

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
    if (name != NULL && tfind(name, &j->by_name, by_name) == NULL) {
        struct log *l = log_of(j, name);
        if (l != NULL)
            l->gen = seq_gen(w->number);
    }
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
    tell_waiting(l, w);
    release(l, l->copied);
}

static bool take(struct log *l, const struct event *e)
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
static bool take_gap(struct log *l, const struct event *before)
{
    char body[64];
    snprintf(body, sizeof body, "{\"after\":%llu}", (unsigned long long)next(l) - 1);
    struct event gap = {.room = l->name,
                        .seq = before->seq - 1,
                        .at_ms = before->at_ms,
                        .kind = EVENT_GAP,
                        .body = body,
                        .body_bytes = strlen(body)};
    log_warn("redis room=%s: %llu events are missing", l->name,
             (unsigned long long)(before->seq - next(l)));
    return take(l, &gap);
}

/* --- held back ------------------------------------------------------------------------------ */

static void hold(struct log *l, const struct event *e)
{
    size_t key = e->key == NULL ? 0 : strlen(e->key) + 1;
    struct held *h = l->held_count >= HELD_MAX ? NULL : malloc(sizeof *h + e->body_bytes + 1);
    if (h == NULL)
        return; /* the stream has it */
    h->e = *e;
    h->e.room = l->name;
    h->e.key = key == 0 ? NULL : memcpy(h->key, e->key, key);
    h->e.body = memcpy(h + 1, e->body, e->body_bytes);
    l->held_count++;
    list_add(&l->held, &h->in_log);
}

static void let_go(struct log *l, struct held *h)
{
    list_remove(&h->in_log);
    l->held_count--;
    free(h);
}

static void take_held(struct log *l)
{
    list_each(i, n, &l->held)
    {
        struct held *h = list_entry(i, struct held, in_log);
        if (h->e.seq >= next(l) && (h->e.seq != next(l) || !take(l, &h->e)))
            return;
        let_go(l, h);
    }
}

void log_hear(struct log *l, const struct event *e)
{
    struct journal *j = l->journal;
    if (e->seq <= l->taken)
        return;
    if (e->seq > l->want)
        l->want = e->seq;
    if (seq_gen(e->seq) > j->gen && j->stage > STAGE_FENCING)
        fence_begin(j); /* another node has met another Redis */
    if (l->live && !l->reading && list_empty(&l->held) && e->seq == next(l) && take(l, e))
        return;
    hold(l, e);
    behind(l);
}

void log_expect(struct log *l, uint64_t seq)
{
    if (seq > l->want)
        l->want = seq;
    if (l->want > l->taken)
        behind(l);
}

/* --- the stream ----------------------------------------------------------------------------- */

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
    return (e.seq == next(l) || take_gap(l, &e)) && take(l, &e);
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
        return; /* fence_look() goes on */
    }
    take_held(l);
    if (l->hearing && !heard_meanwhile) { /* the channel was confirmed in between */
        log_read(l);
        return;
    }
    l->live = l->hearing;
    if (list_empty(&l->held))
        l->want = l->taken;
    else
        behind(l);
    release(l, l->copied);
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
        take_held(l);
        return;
    }
    if (reply->type != REDIS_REPLY_ARRAY) {
        redis_link_give_up(l->journal->ask, reply->type == REDIS_REPLY_ERROR ? reply->str : "?");
        return;
    }
    for (size_t i = 0; i < reply->elements; i++)
        if (!take_entry(l, reply->element[i])) {
            if (!l->torn)
                behind(l);
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
        behind(l);
        return;
    }
    struct reading *r = malloc(sizeof *r);
    if (r == NULL)
        return;
    *r = (struct reading){l, l->hearing};
    redis_log_key(key, j->config->redis->prefix, l->name, l->gen);
    redis_id_write(from, next(l));
    l->reading = redis_link_ask(j->ask, on_read, r, 6, argv, NULL);
    if (!l->reading)
        free(r);
}

/* --- hearing, and the newest number --------------------------------------------------------- */

void log_deaf(struct log *l)
{
    l->hearing = l->live = false;
    log_release_followers(l);
}

void log_heard_from(struct log *l)
{
    l->hearing = true;
    log_read(l);
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

static void on_top(redisAsyncContext *redis, void *raw, void *arg)
{
    const redisReply *reply = raw;
    struct log *l = arg;
    (void)redis;
    if (reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements == 1 &&
        reply->element[0]->type == REDIS_REPLY_ARRAY && reply->element[0]->elements == 2 &&
        reply->element[0]->element[0]->type == REDIS_REPLY_STRING)
        log_expect(l, redis_id_read(reply->element[0]->element[0]->str, NULL));
    else if (reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements == 0 &&
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

/* --- all logs ------------------------------------------------------------------------------- */

struct log *log_of(struct journal *j, const char *name)
{
    struct log **found = tfind(name, &j->by_name, by_name);
    if (found != NULL)
        return *found;
    struct log *l = calloc(1, sizeof *l);
    if (l == NULL)
        return NULL;
    strncpy(l->name, name, sizeof l->name - 1);
    l->journal = j;
    list_init(&l->in_behind);
    list_init(&l->held);
    list_init(&l->awaited);
    list_init(&l->followers);
    if (tsearch(l, &j->by_name, by_name) == NULL) {
        free(l);
        return NULL;
    }
    list_add(&j->logs, &l->in_all);
    return l;
}

void log_destroy_all(struct journal *j)
{
    list_each(i, n, &j->logs)
    {
        struct log *l = list_entry(i, struct log, in_all);
        list_each(h, n2, &l->held) let_go(l, list_entry(h, struct held, in_log));
        list_remove(&l->in_behind);
        list_remove(&l->in_all);
        tdelete(l, &j->by_name, by_name);
        free(l);
    }
}

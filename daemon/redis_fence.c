/* redis_fence.c - which generation it is, and what the one before still lacks.
 *
 * Redis's run id tells whether it is the process that it was. If not, it may have come back empty,
 * or with older data: a new generation begins, in which no number of before can come again. Then
 * each node offers the end of its logs to the old streams, and goes on to the new ones when all
 * nodes that were there have offered theirs, or after some seconds. See redis_inside.h. */
#include "redis_inside.h"

#include "log.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEAL_MS      3000
#define TAIL_EVENTS  1000   /* offered of a room */
#define TAIL_SERVER  100000 /* and of the server's log: rooms and identities */
#define OFFER_EVENTS 100    /* in one call of the script */
#define WAIT_S       3      /* of uptime, for nodes that come back to a Redis that has lost all */

static void key_of(const struct journal *j, char key[REDIS_KEY_MAX], const char *name)
{
    snprintf(key, REDIS_KEY_MAX, "%s%s", j->config->redis->prefix, name);
}

/* --- offers --------------------------------------------------------------------------------- */

static void offer_answered(struct journal *j)
{
    if (--j->offers > 0 || j->stage != STAGE_SEALING)
        return;
    char key[REDIS_KEY_MAX], name[32];
    const char *add[] = {"SADD", key, j->id}, *expire[] = {"EXPIRE", key, "3600"};
    snprintf(name, sizeof name, "offered:%llu", (unsigned long long)j->gen);
    key_of(j, key, name);
    redis_link_ask(j->ask, redis_ignore, NULL, 3, add, NULL);
    redis_link_ask(j->ask, redis_ignore, NULL, 3, expire, NULL);
    fence_look(j);
}

static void on_offered(redisAsyncContext *redis, void *raw, void *arg)
{
    const redisReply *reply = raw;
    (void)redis;
    if (reply != NULL && reply->type == REDIS_REPLY_ERROR)
        log_warn("redis offer: %s", reply->str);
    offer_answered(arg);
}

/* One event as three arguments of the script. */
struct offered {
    char id[REDIS_ID_MAX], at[24];
    struct bytes payload;
};

static void offer_some(struct log *l, const struct event *events, size_t n)
{
    struct journal *j = l->journal;
    struct offered o[OFFER_EVENTS] = {0};
    const char *argv[4 + 3 * OFFER_EVENTS];
    size_t lengths[4 + 3 * OFFER_EVENTS];
    char key[REDIS_KEY_MAX];
    bool failed = false;
    redis_log_key(key, j->config->redis->prefix, l->name, seq_gen(events[0].seq));
    argv[2] = "1";
    argv[3] = key;
    for (size_t i = 0; i < n; i++) {
        const char **to = argv + 4 + 3 * i;
        redis_id_write(o[i].id, events[i].seq);
        snprintf(o[i].at, sizeof o[i].at, "%lld", (long long)events[i].at_ms);
        redis_event_write(&o[i].payload, &events[i]);
        failed |= o[i].payload.failed;
        to[0] = o[i].id;
        to[1] = o[i].at;
        to[2] = o[i].payload.at;
        lengths[4 + 3 * i + 2] = o[i].payload.size;
    }
    for (size_t i = 2; i < 4 + 3 * n; i++)
        if (i < 4 || (i - 4) % 3 != 2)
            lengths[i] = strlen(argv[i]);
    if (!failed && script_ask(j, SCRIPT_OFFER, on_offered, j, (int)(4 + 3 * n), argv, lengths))
        j->offers++;
    for (size_t i = 0; i < n; i++)
        bytes_finish(&o[i].payload);
}

/* What comes before a hole is of no use to the stream: it would not be continued. */
static void on_tail(void *arg, enum err err, const struct event *events, size_t n)
{
    struct log *l = arg;
    for (size_t i = 0; err == OK && i < n; i += OFFER_EVENTS)
        offer_some(l, events + i, n - i < OFFER_EVENTS ? n - i : OFFER_EVENTS);
    offer_answered(l->journal);
}

/* The stream ends where? What the store has behind that is offered. */
static void on_old_top(redisAsyncContext *redis, void *raw, void *arg)
{
    const redisReply *reply = raw;
    struct log *l = arg;
    struct journal *j = l->journal;
    uint64_t top = seq_first(seq_gen(l->copied)) - 1;
    (void)redis;
    if (reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements == 1)
        top = redis_id_read(reply->element[0]->element[0]->str, NULL);
    if (reply == NULL || top >= l->copied ||
        store_tail(j->config->store, l->name, top, l->copied,
                   l == j->server ? TAIL_SERVER : TAIL_EVENTS, on_tail, l) != OK)
        offer_answered(j);
}

static void offer_one(struct log *l)
{
    struct journal *j = l->journal;
    char key[REDIS_KEY_MAX];
    const char *argv[] = {"XREVRANGE", key, "+", "-", "COUNT", "1"};
    redis_log_key(key, j->config->redis->prefix, l->name, seq_gen(l->copied));
    if (redis_link_ask(j->ask, on_old_top, l, 6, argv, NULL))
        j->offers++;
}

static void offer_all(struct journal *j)
{
    j->offered = true;
    j->offers++; /* held until all are on their way; some of before may not be answered yet */
    list_each(i, n, &j->logs)
    {
        struct log *l = list_entry(i, struct log, in_all);
        if (l->copied > 0 && seq_gen(l->copied) < j->gen)
            offer_one(l);
    }
    offer_answered(j);
}

/* --- the seal ------------------------------------------------------------------------------- */

static bool holds(const redisReply *set, const char *id)
{
    for (size_t i = 0; i < set->elements; i++)
        if (set->element[i]->type == REDIS_REPLY_STRING && strcmp(set->element[i]->str, id) == 0)
            return true;
    return false;
}

static void seal(struct journal *j)
{
    journal_set_stage(j, STAGE_LIVE);
    list_each(i, n, &j->logs)
    {
        struct log *l = list_entry(i, struct log, in_all);
        if (l->wanted && !l->live)
            log_read(l);
        else
            log_compare_top(l);
    }
}

static void on_members(redisAsyncContext *redis, void *raw, void *arg)
{
    struct journal *j = arg;
    const redisReply *reply = raw;
    bool all = j->knows_peers; /* else somebody may be missing who is not known */
    (void)redis;
    if (reply == NULL || j->stage != STAGE_SEALING)
        return;
    list_each(i, n, &j->peers) all = all && reply->type == REDIS_REPLY_ARRAY &&
                                     holds(reply, list_entry(i, struct peer, in_journal)->id);
    if (all || uv_now(j->loop) >= j->seal_by_ms)
        seal(j);
    else
        journal_soon(j);
}

/* What was heard last is in the store, so that it can be offered. */
static bool is_settled(const struct journal *j)
{
    for (const struct list *i = j->logs.next; i != &j->logs; i = i->next)
        if (list_entry(i, struct log, in_all)->storing > 0)
            return false;
    return true;
}

void fence_look(struct journal *j)
{
    char key[REDIS_KEY_MAX], name[32];
    const char *argv[] = {"SMEMBERS", key};
    if (j->stage != STAGE_SEALING || j->offers > 0)
        return;
    if (!j->offered) {
        if (is_settled(j))
            offer_all(j);
        else
            journal_soon(j);
        return;
    }
    snprintf(name, sizeof name, "offered:%llu", (unsigned long long)j->gen);
    key_of(j, key, name);
    redis_link_ask(j->ask, on_members, j, 2, argv, NULL);
}

/* --- the generation ------------------------------------------------------------------------- */

static void enter(struct journal *j, uint64_t gen, const char *history, uint64_t age_ms)
{
    bool same = gen == j->gen;
    j->gen = gen;
    if (gen > j->meta.generation || strcmp(history, j->meta.history) != 0) {
        j->meta.generation = gen;
        strncpy(j->meta.history, history, HISTORY_BYTES);
        store_save_meta(j->config->store, &j->meta);
    }
    journal_set_stage(j, STAGE_SEALING);
    journal_send(j);
    if (same) {
        seal(j);
        return;
    }
    log_info("redis generation=%llu", (unsigned long long)gen);
    /* the first one ever has none before it */
    uint64_t wait_ms = gen == 1 || age_ms >= SEAL_MS ? 0 : SEAL_MS - age_ms;
    j->seal_by_ms = uv_now(j->loop) + wait_ms;
    j->offered = false;
    list_each(i, n, &j->logs) list_entry(i, struct log, in_all)->live = false;
    fence_look(j);
}

static void on_fenced(redisAsyncContext *redis, void *raw, void *arg)
{
    struct journal *j = arg;
    const redisReply *reply = raw;
    (void)redis;
    if (reply == NULL || j->stage != STAGE_FENCING)
        return;
    if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 3 &&
        reply->element[0]->type == REDIS_REPLY_INTEGER && reply->element[0]->integer <= GEN_MAX &&
        reply->element[1]->type == REDIS_REPLY_STRING) {
        enter(j, (uint64_t)reply->element[0]->integer, reply->element[1]->str,
              (uint64_t)reply->element[2]->integer);
        return;
    }
    const char *why = reply->type == REDIS_REPLY_ERROR ? reply->str : "no answer to the fence";
    if (strncmp(why, "TOOSOON", 7) == 0) {
        journal_set_stage(j, STAGE_AWAY); /* the timer tries again */
        return;
    }
    j->other_chat = strncmp(why, "OTHERCHAT", 9) == 0;
    if (j->other_chat)
        log_error("redis prefix=%s holds another chat than the state directory: give this node an "
                  "empty one, or the chat another prefix",
                  j->config->redis->prefix);
    redis_link_give_up(j->ask, why);
}

/* The value of "name:value" in what INFO answers; false: it is not there. */
static bool info(const char *text, const char *name, char *value, size_t size)
{
    char line[64];
    snprintf(line, sizeof line, "\n%s:", name);
    const char *at = strstr(text, line);
    if (at == NULL)
        return false;
    at += strlen(line);
    snprintf(value, size, "%.*s", (int)strcspn(at, "\r\n"), at);
    return true;
}

/* What would lose messages, or keys, that Redis has promised to keep. */
static void warn_of_settings(struct journal *j, const char *text)
{
    char value[64];
    if (j->was_live)
        return;
    if (info(text, "aof_enabled", value, sizeof value) && strcmp(value, "0") == 0)
        log_warn("redis appendonly=no: what no node has copied is lost when Redis stops");
    if (info(text, "maxmemory_policy", value, sizeof value) && strcmp(value, "noeviction") != 0)
        log_warn("redis maxmemory_policy=%s: set it to noeviction", value);
}

/* A store and a Redis that are both empty may begin a chat; but a Redis that has just started may
 * be an old one's that has lost all, and nodes that know better are on their way. */
static bool should_wait(const struct journal *j, const char *text)
{
    char seconds[24] = "";
    return j->meta.history[0] == '\0' && info(text, "uptime_in_seconds", seconds, sizeof seconds) &&
           atoi(seconds) < WAIT_S;
}

static void on_info(redisAsyncContext *redis, void *raw, void *arg)
{
    struct journal *j = arg;
    const redisReply *reply = raw;
    char run[64], known[24], fresh[HISTORY_BYTES + 1], keys[4][REDIS_KEY_MAX];
    unsigned char random[HISTORY_BYTES / 2];
    (void)redis;
    if (reply == NULL || j->stage != STAGE_FENCING)
        return;
    if (reply->type != REDIS_REPLY_STRING || !info(reply->str, "run_id", run, sizeof run)) {
        redis_link_give_up(j->ask, reply->type == REDIS_REPLY_ERROR ? reply->str : "no run_id");
        return;
    }
    warn_of_settings(j, reply->str);
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(fresh, sizeof fresh, random, sizeof random);
    if (should_wait(j, reply->str))
        fresh[0] = '\0';
    snprintf(known, sizeof known, "%llu", (unsigned long long)j->meta.generation);
    key_of(j, keys[0], "gen");
    key_of(j, keys[1], "run");
    key_of(j, keys[2], "history");
    key_of(j, keys[3], "since");
    const char *argv[] = {NULL,    NULL, "4",   keys[0],         keys[1], keys[2],
                          keys[3], run,  known, j->meta.history, fresh};
    script_ask(j, SCRIPT_FENCE, on_fenced, j, 11, argv, NULL);
}

void fence_begin(struct journal *j)
{
    const char *argv[] = {"INFO"};
    if (j->stage == STAGE_FENCING)
        return;
    journal_set_stage(j, STAGE_FENCING);
    scripts_load(j);
    redis_link_ask(j->ask, on_info, j, 1, argv, NULL);
}

/* redis_fence.c - which generation it is, and when the one before is closed.
 *
 * Redis's run id tells whether it is the process that it was. If not, it may have come back empty,
 * or with older data: a new generation begins, in which no number of before can come again. Then
 * each node offers the end of its logs to the old streams, and goes on to the new ones when all
 * nodes that were there have offered theirs, or after some seconds. See redis_inside.h. */
#include "private.h"

#include "log.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEAL_MS 3000  /* from its beginning: for nodes that nobody knows of */
#define LATE_MS 10000 /* and for those that have come and not yet offered all */
#define WAIT_S  3     /* of uptime, for nodes that come back to a Redis that has lost all */

static void key_of(const struct journal *j, char key[REDIS_KEY_MAX], const char *name)
{
    snprintf(key, REDIS_KEY_MAX, "%s%s", j->config->redis->prefix, name);
}

static void set_key(const struct journal *j, char key[REDIS_KEY_MAX], const char *name)
{
    snprintf(key, REDIS_KEY_MAX, "%s%s:%llu", j->config->redis->prefix, name,
             (unsigned long long)j->gen);
}

/* --- the seal ------------------------------------------------------------------------------- */

static void go_on(struct journal *j)
{
    j->sealed = j->gen;
    journal_set_stage(j, STAGE_LIVE);
    list_each(i, n, &j->streams)
    {
        struct stream *s = list_entry(i, struct stream, in_all);
        offer_again(s);
        if (s->wanted && !s->live)
            stream_read(s);
        else
            stream_compare_top(s);
    }
}

static void on_seal(redisAsyncContext *redis, void *raw, void *arg)
{
    struct journal *j = arg;
    const redisReply *reply = raw;
    (void)redis;
    j->sealing = false;
    if (reply == NULL || j->stage != STAGE_SEALING)
        return;
    if (reply->type == REDIS_REPLY_INTEGER && reply->integer == 1)
        go_on(j);
    else if (reply->type == REDIS_REPLY_ERROR)
        redis_link_give_up(j->ask, reply->str);
    else
        journal_soon(j);
}

/* Who is known, and has not offered, is waited for until the time is over; who has come and is
 * offering, for a while longer. */
static void ask_to_seal(struct journal *j)
{
    char keys[3][REDIS_KEY_MAX], gen[24];
    const char *argv[8 + NODES_MAX] = {NULL, NULL, "3", keys[0], keys[1], keys[2], gen};
    int argc = 7;
    uint64_t now_ms = uv_now(j->loop);
    set_key(j, keys[0], "come");
    set_key(j, keys[1], "offered");
    key_of(j, keys[2], "sealed");
    snprintf(gen, sizeof gen, "%llu", (unsigned long long)j->gen);
    if (now_ms >= j->seal_by_ms + LATE_MS)
        argv[argc++] = "!";
    else if (now_ms < j->seal_by_ms)
        list_each(i, n, &j->nodes) argv[argc++] = list_entry(i, struct node, in_journal)->id;
    j->sealing = script_ask(j, SCRIPT_SEAL, on_seal, j, argc, argv, NULL);
}

/* What was heard last is in the store, so that it can be offered. */
static bool is_settled(const struct journal *j)
{
    for (const struct list *i = j->streams.next; i != &j->streams; i = i->next)
        if (list_entry(i, struct stream, in_all)->storing > 0)
            return false;
    return true;
}

void fence_look(struct journal *j)
{
    if (j->stage != STAGE_SEALING || j->sealing)
        return;
    bool known = j->knows_nodes || uv_now(j->loop) >= j->seal_by_ms;
    if (!j->offered && is_settled(j))
        offer_all(j); /* its end leads here again */
    else if (j->offered && j->offers == 0 && known)
        ask_to_seal(j);
    else
        journal_soon(j);
}

void fence_note(struct journal *j, const char *set)
{
    char key[REDIS_KEY_MAX];
    const char *add[] = {"SADD", key, j->id}, *expire[] = {"EXPIRE", key, "3600"};
    set_key(j, key, set);
    redis_link_ask(j->ask, redis_ignore, NULL, 3, add, NULL);
    redis_link_ask(j->ask, redis_ignore, NULL, 3, expire, NULL);
}

/* --- the generation ------------------------------------------------------------------------- */

static void enter(struct journal *j, uint64_t gen, const char *history, int64_t age_ms)
{
    bool sealed_already = gen == j->sealed;
    j->gen = gen;
    if (gen > j->meta.generation || strcmp(history, j->meta.history) != 0) {
        j->meta.generation = gen;
        strncpy(j->meta.history, history, HISTORY_BYTES);
        store_save_meta(j->config->store, &j->meta);
    }
    journal_set_stage(j, STAGE_SEALING);
    journal_send(j);
    if (sealed_already) {
        go_on(j);
        return;
    }
    log_info("redis generation=%llu", (unsigned long long)gen);
    /* the first one ever has none before it */
    int64_t wait_ms = gen == 1 || age_ms >= SEAL_MS ? 0 : age_ms < 0 ? SEAL_MS : SEAL_MS - age_ms;
    j->seal_by_ms = uv_now(j->loop) + (uint64_t)wait_ms;
    j->offered = false;
    fence_note(j, "come");
    list_each(i, n, &j->streams)
    {
        struct stream *s = list_entry(i, struct stream, in_all);
        s->live = false;
        s->keys_unsettled = true;
        s->settle_from = 0;
    }
    fence_look(j);
}

static void on_fenced(redisAsyncContext *redis, void *raw, void *arg)
{
    struct journal *j = arg;
    const redisReply *reply = raw;
    (void)redis;
    if (reply == NULL || j->stage != STAGE_FENCING)
        return;
    if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 4 &&
        reply->element[0]->type == REDIS_REPLY_INTEGER && reply->element[0]->integer > 0 &&
        reply->element[0]->integer <= GEN_MAX && reply->element[1]->type == REDIS_REPLY_STRING &&
        reply->element[2]->type == REDIS_REPLY_INTEGER &&
        reply->element[3]->type == REDIS_REPLY_INTEGER) {
        j->other_chat = false;
        j->fenced_wall_ms = reply->element[3]->integer;
        j->fenced_ms = uv_now(j->loop);
        enter(j, (uint64_t)reply->element[0]->integer, reply->element[1]->str,
              reply->element[2]->integer);
        return;
    }
    const char *why =
        reply->type == REDIS_REPLY_ERROR ? reply->str : "it has no more generations of numbers";
    if (strncmp(why, "TOOSOON", 7) == 0) {
        journal_set_stage(j, STAGE_AWAY); /* the timer tries again */
        return;
    }
    bool told = j->other_chat;
    j->other_chat = strncmp(why, "OTHERCHAT", 9) == 0;
    if (j->other_chat && !told)
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

static void look_at_settings(struct journal *j, const char *text)
{
    char value[64];
    bool was_volatile = j->volatile_log, did_evict = j->evicts;
    j->volatile_log = info(text, "aof_enabled", value, sizeof value) && strcmp(value, "0") == 0;
    j->evicts =
        info(text, "maxmemory_policy", value, sizeof value) && strcmp(value, "noeviction") != 0;
    if (j->volatile_log && !was_volatile)
        log_warn(REDIS_VOLATILE);
    if (j->evicts && !did_evict)
        log_warn(REDIS_EVICTS);
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
    look_at_settings(j, reply->str);
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
    if (!script_ask(j, SCRIPT_FENCE, on_fenced, j, 11, argv, NULL))
        redis_link_give_up(j->ask, "no memory");
}

void fence_begin(struct journal *j)
{
    const char *argv[] = {"INFO"};
    if (j->stage == STAGE_FENCING)
        return;
    journal_set_stage(j, STAGE_FENCING);
    scripts_load(j);
    if (!redis_link_ask(j->ask, on_info, j, 1, argv, NULL))
        redis_link_give_up(j->ask, "no memory");
}

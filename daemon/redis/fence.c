/* fence.c - see fence.h. */
#include "fence.h"

#include "call.h"
#include "log.h"
#include "private.h"
#include "seal.h"
#include "stage.h"
#include "submit.h"
#include "wall.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_S 3 /* of Redis's uptime, in which nodes come back that have the data it has lost */

/* --- the generation ------------------------------------------------------------------------- */

/* A node without an event takes any branch. */
static bool differs(const struct journal *j, const char *branch)
{
    return j->meta.history[0] != '\0' && strcmp(branch, j->meta.branch) != 0 &&
           j->meta.generation >= branch_generation(branch);
}

static const char *choose_branch(struct journal *j, const char *branch)
{
    bool logged = j->other_branch;
    j->other_branch = differs(j, branch);
    if (j->other_branch && !logged)
        log_error("redis branch=%s: this node has other events since generation %" PRIu64
                  ": clients that come from other nodes get a fresh page. Give it an empty "
                  "directory",
                  branch, branch_generation(branch));
    return j->other_branch ? j->meta.branch : branch;
}

static bool save(struct journal *j, const struct store_meta *meta)
{
    const struct store_meta *old = &j->meta;
    bool same = meta->generation == old->generation && strcmp(meta->history, old->history) == 0 &&
                strcmp(meta->branch, old->branch) == 0 && meta->in_doubt == old->in_doubt;
    if (!same && !store_save_meta(j->store, meta))
        return false;
    j->meta = *meta;
    return true;
}

static void enter(struct journal *j, uint64_t gen, const char *history, int64_t age_ms,
                  const char *branch)
{
    struct store_meta meta = {.generation = gen};
    strncpy(meta.history, history, HISTORY_BYTES);
    snprintf(meta.branch, sizeof meta.branch, "%s", choose_branch(j, branch));
    if (!save(j, &meta)) {
        redis_link_give_up(j->ask, "the store cannot note its generation");
        return;
    }
    chat_set_branch(j->chat, meta.branch);
    j->gen = gen;
    j->log_lost = false;
    stage_set(j, STAGE_SEALING);
    submit_outbox(j);
    seal_begin(j, age_ms);
}

/* Generation, history, age of the generation, time, branch: see script.c. */
static bool is_generation(const redisReply *reply)
{
    return reply->type == REDIS_REPLY_ARRAY && reply->elements == 5 &&
           reply->element[0]->type == REDIS_REPLY_INTEGER && reply->element[0]->integer > 0 &&
           reply->element[0]->integer <= GEN_MAX && reply->element[1]->type == REDIS_REPLY_STRING &&
           reply->element[2]->type == REDIS_REPLY_INTEGER &&
           reply->element[3]->type == REDIS_REPLY_INTEGER &&
           reply->element[4]->type == REDIS_REPLY_STRING && branch_ok(reply->element[4]->str);
}

static void on_refused(struct journal *j, const char *why)
{
    if (strncmp(why, "TOOSOON", 7) == 0) {
        stage_set(j, STAGE_AWAY); /* the timer tries again */
        return;
    }
    bool logged = j->other_chat;
    j->other_chat = strncmp(why, "OTHERCHAT", 9) == 0;
    if (j->other_chat && !logged)
        log_error("redis prefix=%s holds another chat than the state directory: give this node an "
                  "empty directory, or the chat another prefix",
                  j->redis->prefix);
    redis_link_give_up(j->ask, why);
}

static void on_generation(redisAsyncContext *redis, void *raw, void *arg)
{
    struct journal *j = arg;
    const redisReply *reply = raw;
    (void)redis;
    if (reply == NULL || j->stage != STAGE_FENCING)
        return;
    if (reply->type == REDIS_REPLY_ERROR) {
        on_refused(j, reply->str);
    } else if (!is_generation(reply)) {
        on_refused(j, "it has no more generations of numbers, or a bad branch");
    } else {
        j->other_chat = false;
        wall_note(j, reply->element[3]->integer, j->fence_asked_ms);
        enter(j, (uint64_t)reply->element[0]->integer, reply->element[1]->str,
              reply->element[2]->integer, reply->element[4]->str);
    }
}

/* An empty `fresh`: a Redis without a history must wait for nodes that have one. */
static void ask_generation(struct journal *j, const char *run, const char *fresh)
{
    const char *prefix = j->redis->prefix;
    char hex[BRANCH_HEX + 1];
    struct redis_call c;
    branch_random(hex);
    script_begin(&c, &j->scripts, SCRIPT_FENCE);
    call_key(&c, key_generation(prefix));
    call_key(&c, key_run(prefix));
    call_key(&c, key_history(prefix));
    call_key(&c, key_since(prefix));
    call_key(&c, key_branch(prefix));
    call_text(&c, run);
    call_number(&c, (int64_t)j->meta.generation + j->log_lost);
    call_text(&c, j->meta.history);
    call_text(&c, fresh);
    call_text(&c, j->meta.branch);
    call_text(&c, j->meta.in_doubt ? hex : "");
    j->fence_asked_ms = clock_now_ms();
    if (!redis_link_ask(j->ask, &c, on_generation, j))
        redis_link_give_up(j->ask, "no memory");
}

/* --- INFO ----------------------------------------------------------------------------------- */

/* The value of "name:value" in the answer to INFO. False: it is not there. */
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

/* With an empty store and an empty Redis this node may begin a chat, and in doubt a branch. But a
 * Redis that has just started may have lost its data, and nodes that hold them are on their way. */
static bool should_wait(const struct journal *j, const char *text)
{
    char seconds[24] = "";
    return (j->meta.history[0] == '\0' || j->meta.in_doubt) &&
           info(text, "uptime_in_seconds", seconds, sizeof seconds) && atoi(seconds) < WAIT_S;
}

static void on_info(redisAsyncContext *redis, void *raw, void *arg)
{
    struct journal *j = arg;
    const redisReply *reply = raw;
    char run[64], fresh[HISTORY_BYTES + 1] = "";
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
    if (!should_wait(j, reply->str))
        sodium_bin2hex(fresh, sizeof fresh, random, sizeof random);
    ask_generation(j, run, fresh);
}

void fence_begin(struct journal *j)
{
    struct redis_call c;
    j->fence_wanted = false;
    if (j->stage != STAGE_FENCING)
        return;
    script_load_all(&j->scripts, j->ask); /* the sums are there when INFO is answered */
    call_begin(&c, "INFO");
    if (!redis_link_ask(j->ask, &c, on_info, j))
        redis_link_give_up(j->ask, "no memory");
}

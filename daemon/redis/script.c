/* redis_script.c - what Redis does in one step. Keys and channels are made by the daemon; nothing
 * typed by a user is one. See redis_inside.h. */
#include "private.h"

#include <string.h>

/* KEYS generation, memory of the submit's key, log, history, keys of the room's open polls. ARGV
 * generation, payload, entries to keep (0: all), channel, seconds to remember the key, the newest
 * number that the node has of this log and generation (-1: none), history, the key of the poll that
 * this is ("": it is none). Answers with the id; with "=" before it, if the key was known.
 *
 * The stream is the counter: it never gives a number twice, and refuses an id below its last. That
 * the node knows a newer one than the stream means that Redis has lost some. */
static const char submit[] =
    "local gen = redis.call('GET', KEYS[1])\n"
    "if gen ~= ARGV[1] or redis.call('GET', KEYS[4]) ~= ARGV[7] then return "
    "redis.error_reply('STALEGEN another generation') end\n"
    "local known = redis.call('GET', KEYS[2])\n"
    "if known then return '=' .. known end\n"
    "local n = tonumber(ARGV[6])\n"
    "if n >= 0 then\n"
    "  local top = redis.call('XREVRANGE', KEYS[3], '+', '-', 'COUNT', 1)[1]\n"
    "  if not top or tonumber(string.match(top[1], '-(%d+)$')) < n then\n"
    "    return redis.error_reply('LOSTLOG the stream ends too early')\n"
    "  end\n"
    "end\n"
    "local t = redis.call('TIME')\n"
    "local at = t[1] .. string.format('%03d', math.floor(t[2] / 1000))\n"
    "local id\n"
    "if ARGV[3] == '0' then\n"
    "  id = redis.call('XADD', KEYS[3], gen .. '-*', 'at', at, 'event', ARGV[2])\n"
    "else\n"
    "  id = redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[3], gen .. '-*',"
    " 'at', at, 'event', ARGV[2])\n"
    "end\n"
    "redis.call('SET', KEYS[2], id, 'EX', ARGV[5])\n"
    "if ARGV[8] ~= '' then redis.call('HSET', KEYS[5], id, ARGV[8]) end\n"
    "redis.call('PUBLISH', ARGV[4], id .. ' ' .. at .. ' ' .. ARGV[2])\n"
    "return id";

/* KEYS generation, run, history, age. ARGV the run that Redis is in now, the highest generation
 * that the node has seen, its history ("": none yet), one for the case that there is none ("": then
 * wait). Answers with generation, history, how
 * many milliseconds ago the generation began, and the time, in milliseconds since 1970. */
static const char fence[] =
    "local history = redis.call('GET', KEYS[3])\n"
    "if not history then\n"
    "  if ARGV[3] == '' and ARGV[4] == '' then return redis.error_reply('TOOSOON nodes that know "
    "more may come') end\n"
    "  history = ARGV[3] ~= '' and ARGV[3] or ARGV[4]\n"
    "  redis.call('SET', KEYS[3], history)\n"
    "end\n"
    "if ARGV[3] ~= '' and ARGV[3] ~= history then\n"
    "  return redis.error_reply('OTHERCHAT another history')\n"
    "end\n"
    "local t = redis.call('TIME')\n"
    "local now = t[1] * 1000 + math.floor(t[2] / 1000)\n"
    "local gen = tonumber(redis.call('GET', KEYS[1]) or '0')\n"
    "local known = tonumber(ARGV[2])\n"
    "if redis.call('GET', KEYS[2]) ~= ARGV[1] or gen < known then\n"
    "  gen = math.max(gen, known) + 1\n"
    "  redis.call('SET', KEYS[1], gen)\n"
    "  redis.call('SET', KEYS[2], ARGV[1])\n"
    "  redis.call('SET', KEYS[4], string.format('%.0f', now))\n"
    "end\n"
    "return {gen, history, now - tonumber(redis.call('GET', KEYS[4]) or '0'), now}";

/* KEYS a log of an old generation, what is sealed. ARGV the generation that it is now; then id,
 * time, payload, and so on. Only what continues the stream is added, so that a node with a hole
 * does not block one without; and nothing any more once some node has gone on. */
static const char offer[] =
    "if tonumber(redis.call('GET', KEYS[2]) or '0') >= tonumber(ARGV[1]) then\n"
    "  return redis.error_reply('SEALED too late')\n"
    "end\n"
    "local top = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]\n"
    "local last = top and tonumber(string.match(top[1], '-(%d+)$'))\n"
    "local added = 0\n"
    "for i = 2, #ARGV, 3 do\n"
    "  local n = tonumber(string.match(ARGV[i], '-(%d+)$'))\n"
    "  if not last or n == last + 1 then\n"
    "    redis.call('XADD', KEYS[1], ARGV[i], 'at', ARGV[i + 1], 'event', ARGV[i + 2])\n"
    "    last = n\n"
    "    added = added + 1\n"
    "  end\n"
    "end\n"
    "return added";

/* KEYS who has come, who has offered, what is sealed. ARGV the generation, the nodes that must have
 * offered, and so on. Seals it if these have, and all who have come ("!" for the first of them:
 * whoever is missing). Answers with 1 if it is sealed. */
static const char seal[] =
    "if tonumber(redis.call('GET', KEYS[3]) or '0') >= tonumber(ARGV[1]) then return 1 end\n"
    "if ARGV[2] ~= '!' then\n"
    "  for _, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do\n"
    "    if redis.call('SISMEMBER', KEYS[2], id) == 0 then return 0 end\n"
    "  end\n"
    "  for i = 2, #ARGV do\n"
    "    if redis.call('SISMEMBER', KEYS[2], ARGV[i]) == 0 then return 0 end\n"
    "  end\n"
    "end\n"
    "redis.call('SET', KEYS[3], ARGV[1])\n"
    "return 1";

static const char *const texts[SCRIPTS] = {
    [SCRIPT_SUBMIT] = submit, [SCRIPT_FENCE] = fence, [SCRIPT_OFFER] = offer, [SCRIPT_SEAL] = seal};

static void on_loaded(redisAsyncContext *redis, void *raw, void *arg)
{
    struct script_slot *slot = arg;
    const redisReply *reply = raw;
    (void)redis;
    if (reply != NULL && reply->type == REDIS_REPLY_STRING && reply->len < sizeof slot->sha)
        strcpy(slot->sha, reply->str);
    else if (reply != NULL)
        redis_link_give_up(slot->journal->ask, reply->str == NULL ? "?" : reply->str);
}

/* Answers come in order: the scripts are there before anything that is asked after them. But their
 * sums are needed to ask: fence_begin() waits for them. */
void scripts_load(struct journal *j)
{
    for (int i = 0; i < SCRIPTS; i++) {
        const char *argv[] = {"SCRIPT", "LOAD", texts[i]};
        j->scripts[i].journal = j;
        redis_link_ask(j->ask, on_loaded, &j->scripts[i], 3, argv, NULL);
    }
}

bool script_ask(struct journal *j, enum script which, redisCallbackFn *cb, void *arg, int argc,
                const char **argv, size_t *lengths)
{
    argv[0] = "EVALSHA";
    argv[1] = j->scripts[which].sha;
    if (lengths != NULL) {
        lengths[0] = strlen(argv[0]);
        lengths[1] = strlen(argv[1]);
    }
    return redis_link_ask(j->ask, cb, arg, argc, argv, lengths);
}

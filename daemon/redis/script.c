/* script.c - see script.h. */
#include "script.h"

#include "entry.h"

#include <string.h>

/* KEYS generation, key_submit(), stream, history, key_secrets(), and for the end of a room its
 * stream. ARGV generation, payload, entries
 * to keep (0: all), channel, seconds to remember the submit, the newest number that the node has of
 * this stream (-1: none), history, the event's secret ("": it has none), its time, an id to forget,
 * the newest number that the stream of a room that ends may have ("": any).
 * Answers with the id, with "=" before it if Redis remembers the submit, which is its id and its
 * channel. An id to forget is that of a command that was refused.
 *
 * The event has Redis's time, or the node's if they differ by more than a second: Redis's may jump
 * (wall.h). The stream is the counter: it never gives a number twice, and refuses an id below its
 * last. If the node has a newer number than the stream, Redis has lost events.
 *
 * The stream of a room that ends loses its events and gets a last entry, behind which none is
 * added: no post gets a number and is lost. */
static const char submit[] =
    "local gen = redis.call('GET', KEYS[1])\n"
    "if gen ~= ARGV[1] or redis.call('GET', KEYS[4]) ~= ARGV[7] then return "
    "redis.error_reply('STALEGEN another generation') end\n"
    "local known = redis.call('GET', KEYS[2])\n"
    "if known then\n"
    "  local id, channel = string.match(known, '^(%S+) (.*)$')\n"
    "  if channel ~= ARGV[4] then\n"
    "    return redis.error_reply('OTHERLOG the key belongs to an event of another room')\n"
    "  end\n"
    "  if id ~= ARGV[10] then return '=' .. id end\n"
    "end\n"
    "local function newest(key)\n"
    "  local top = redis.call('XREVRANGE', key, '+', '-', 'COUNT', 1)[1]\n"
    "  if not top then return -1 end\n"
    "  return tonumber(string.match(top[1], '-(%d+)$')), top[2][4] == '" LAST_ENTRY "'\n"
    "end\n"
    "local top, over = newest(KEYS[3])\n"
    "if over then return redis.error_reply('GONEROOM the room is removed') end\n"
    "if top < tonumber(ARGV[6]) then\n"
    "  return redis.error_reply('LOSTLOG the stream ends too early')\n"
    "end\n"
    "if KEYS[6] and ARGV[11] ~= '' and newest(KEYS[6]) > tonumber(ARGV[11]) then\n"
    "  return redis.error_reply('NEWEREVENT the room is not as old as that')\n"
    "end\n"
    "local t = redis.call('TIME')\n"
    "local at, own, id = t[1] * 1000 + math.floor(t[2] / 1000), tonumber(ARGV[9])\n"
    "if math.abs(at - own) > 1000 then at = own end\n"
    "at = string.format('%.0f', at)\n"
    "if ARGV[3] == '0' then\n"
    "  id = redis.call('XADD', KEYS[3], gen .. '-*', 'at', at, 'event', ARGV[2])\n"
    "else\n"
    "  id = redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[3], gen .. '-*',"
    " 'at', at, 'event', ARGV[2])\n"
    "end\n"
    "if KEYS[6] then\n"
    "  redis.call('XADD', KEYS[6], 'MAXLEN', '=', 1, gen .. '-*', 'at', at, 'event', '" LAST_ENTRY
    "')\n"
    "end\n"
    "redis.call('SET', KEYS[2], id .. ' ' .. ARGV[4], 'EX', ARGV[5])\n"
    "if ARGV[8] ~= '' then redis.call('HSET', KEYS[5], id, ARGV[8]) end\n"
    "redis.call('PUBLISH', ARGV[4], id .. ' ' .. at .. ' ' .. ARGV[2])\n"
    "return id";

/* KEYS generation, run, history, since, branch. ARGV the run_id of Redis, the highest generation
 * that the node has seen, its history ("": none yet), a new history in case there is none ("": then
 * wait), its branch (store/meta.h), and if it is in doubt the digits of a new branch, which a
 * generation that it begins gets (else ""). Answers with generation, history, the age of the
 * generation and the time since 1970, both in milliseconds, and the branch. */
static const char fence[] =
    "local history = redis.call('GET', KEYS[3])\n"
    "local gen = tonumber(redis.call('GET', KEYS[1]) or '0')\n"
    "local known = tonumber(ARGV[2])\n"
    "local begins = redis.call('GET', KEYS[2]) ~= ARGV[1] or gen < known\n"
    "local knows = (history or ARGV[3] ~= '') and not (begins and ARGV[6] ~= '')\n"
    "if not knows and ARGV[4] == '' then\n"
    "  return redis.error_reply('TOOSOON nodes that know more may come')\n"
    "end\n"
    "if not history then\n"
    "  history = ARGV[3] ~= '' and ARGV[3] or ARGV[4]\n"
    "  redis.call('SET', KEYS[3], history)\n"
    "end\n"
    "if ARGV[3] ~= '' and ARGV[3] ~= history then\n"
    "  return redis.error_reply('OTHERCHAT another history')\n"
    "end\n"
    "local t = redis.call('TIME')\n"
    "local now = t[1] * 1000 + math.floor(t[2] / 1000)\n"
    "local branch = redis.call('GET', KEYS[5])\n"
    "if begins then\n"
    "  if not branch or gen < known then branch = ARGV[5] end\n"
    "  gen = math.max(gen, known) + 1\n"
    "  if ARGV[6] ~= '' then branch = gen .. '-' .. ARGV[6] end\n"
    "  redis.call('SET', KEYS[5], branch)\n"
    "  redis.call('SET', KEYS[1], gen)\n"
    "  redis.call('SET', KEYS[2], ARGV[1])\n"
    "  redis.call('SET', KEYS[4], string.format('%.0f', now))\n"
    "end\n"
    "return {gen, history, now - tonumber(redis.call('GET', KEYS[4]) or '0'), now, branch or ''}";

/* KEYS a stream of an old generation, sealed. ARGV the current generation, then id, time and
 * payload of each event. Adds only the events that continue the stream, so that a node with a hole
 * does not block a node without; adds nothing once the old generations are sealed. */
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

/* KEYS come, offered, sealed. ARGV the generation, then the nodes that must have offered. Seals the
 * generations before it if these nodes and all in `come` have offered ("!" as the first node: in
 * any case). Answers with 1 if they are sealed. */
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
    if (reply != NULL && reply->type == REDIS_REPLY_STRING && reply->len < sizeof slot->sum)
        strcpy(slot->sum, reply->str);
    else if (reply != NULL)
        redis_link_give_up(slot->link, reply->str == NULL ? "no sum of a script" : reply->str);
}

void script_load_all(struct scripts *s, struct redis_link *link)
{
    for (int i = 0; i < SCRIPTS; i++) {
        struct redis_call c;
        call_begin(&c, "SCRIPT");
        call_text(&c, "LOAD");
        call_bytes(&c, texts[i], strlen(texts[i]));
        s->slots[i].link = link;
        redis_link_ask(link, &c, on_loaded, &s->slots[i]);
    }
}

void script_begin(struct redis_call *c, const struct scripts *s, enum script which)
{
    call_begin(c, "EVALSHA");
    call_text(c, s->slots[which].sum);
    call_count_keys(c);
}

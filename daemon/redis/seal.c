/* seal.c - see seal.h. */
#include "seal.h"

#include "call.h"
#include "log.h"
#include "offer.h"
#include "private.h"
#include "read.h"
#include "soon.h"
#include "stage.h"
#include "stream.h"

#define SEAL_MS     3000  /* of a generation: for nodes that this one does not know */
#define LATE_MS     10000 /* longer: for nodes that have come and not offered all */
#define SET_SECONDS 3600  /* after which Redis forgets which nodes have come and offered */

/* Adds this node to the set of nodes. */
static void note(struct journal *j, struct redis_key set)
{
    struct redis_call c;
    call_begin(&c, "SADD");
    call_key(&c, set);
    call_text(&c, j->id);
    redis_link_ask(j->ask, &c, NULL, NULL);
    call_begin(&c, "EXPIRE");
    call_key(&c, set);
    call_number(&c, SET_SECONDS);
    redis_link_ask(j->ask, &c, NULL, NULL);
}

/* --- sealing -------------------------------------------------------------------------------- */

static void go_on(struct journal *j)
{
    j->sealed = j->gen;
    stage_set(j, STAGE_LIVE);
    list_each(i, n, &j->streams)
    {
        struct stream *s = list_entry(i, struct stream, in_all);
        s->compared = false;
        offer_again(s);
        if (stream_is_wanted(s) && s->state != STREAM_LIVE)
            read_stream(s);
        else
            read_later(s);
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
        soon_later(j);
}

/* Until seal_by_ms every known node must have offered; for LATE_MS more, every node that has come.
 */
static void ask_to_seal(struct journal *j)
{
    const char *prefix = j->redis->prefix;
    uint64_t now_ms = uv_now(j->loop);
    struct redis_call c;
    script_begin(&c, &j->scripts, SCRIPT_SEAL);
    call_key(&c, key_come(prefix, j->gen));
    call_key(&c, key_offered(prefix, j->gen));
    call_key(&c, key_sealed(prefix));
    call_number(&c, (int64_t)j->gen);
    if (now_ms >= j->seal_by_ms + LATE_MS)
        call_text(&c, "!");
    else if (now_ms < j->seal_by_ms)
        list_each(i, n, &j->nodes) call_text(&c, list_entry(i, struct node, in_journal)->id);
    j->sealing = redis_link_ask(j->ask, &c, on_seal, j);
}

/* --- offering ------------------------------------------------------------------------------- */

static void on_offered(struct journal *j)
{
    if (j->stage != STAGE_SEALING || !j->offered)
        return;
    if (!j->offer_failed)
        note(j, key_offered(j->redis->prefix, j->gen));
    seal_look(j);
}

/* Events that this node heard last are in the store, so that they can be offered. */
static bool is_settled(const struct journal *j)
{
    for (const struct list *i = j->streams.next; i != &j->streams; i = i->next)
        if (list_entry(i, struct stream, in_all)->storing > 0)
            return false;
    return true;
}

void seal_look(struct journal *j)
{
    if (j->stage != STAGE_SEALING || j->sealing)
        return;
    bool known = j->knows_nodes || uv_now(j->loop) >= j->seal_by_ms;
    if (!j->offered && is_settled(j)) {
        j->offered = true;
        offer_all(j, on_offered);
    } else if (j->offered && j->offers == 0 && known) {
        ask_to_seal(j);
    } else {
        soon_later(j);
    }
}

void seal_begin(struct journal *j, int64_t age_ms)
{
    if (j->gen == j->sealed) {
        go_on(j);
        return;
    }
    log_info("redis generation=%llu", (unsigned long long)j->gen);
    bool first = j->gen == 1; /* there is none before it */
    int64_t wait_ms = first || age_ms >= SEAL_MS ? 0 : age_ms < 0 ? SEAL_MS : SEAL_MS - age_ms;
    j->seal_by_ms = uv_now(j->loop) + (uint64_t)wait_ms;
    j->offered = false;
    note(j, key_come(j->redis->prefix, j->gen));
    list_each(i, n, &j->streams)
    {
        struct stream *s = list_entry(i, struct stream, in_all);
        stream_end_live(s);
        s->unsettled = true;
        s->settle_from = 0;
    }
    seal_look(j);
}

/* channel.c - see channel.h. */
#include "channel.h"

#include "bus.h"
#include "call.h"
#include "entry.h"
#include "follower.h"
#include "order.h"
#include "private.h"
#include "read.h"
#include "stream.h"
#include "store/health.h"

#include <stdlib.h>
#include <string.h>

#define PROBE_MS     5000 /* of silence, before the link is tested */
#define DEAF_MS      3000 /* without an echo: the link hears nothing */
#define SUBSCRIBE_AT 100  /* channels in one command */
_Static_assert(1 + SUBSCRIBE_AT <= CALL_ARGS_MAX, "a call holds them");
_Static_assert(16 + SUBSCRIBE_AT * KEY_CHANNEL_MAX <= CALL_TEXT_MAX, "with their names");

static redisCallbackFn on_heard;

/* --- subscriptions -------------------------------------------------------------------------- */

static void subscribe(struct journal *j, struct stream *const *streams, size_t n)
{
    struct redis_call c;
    call_begin(&c, "SUBSCRIBE");
    for (size_t i = 0; i < n; i++)
        call_key(&c, key_channel(j->redis->prefix, streams[i]->place));
    if (n > 0)
        redis_link_subscribe(j->hear, &c, on_heard, j);
}

static bool unsubscribe(struct journal *j, const struct stream *s)
{
    struct redis_call c;
    call_begin(&c, "UNSUBSCRIBE");
    call_key(&c, key_channel(j->redis->prefix, s->place));
    return redis_link_subscribe(j->hear, &c, on_heard, j);
}

static void subscribe_wanted(struct journal *j)
{
    struct stream *some[SUBSCRIBE_AT];
    size_t count = 0;
    list_each(i, n, &j->streams)
    {
        struct stream *s = list_entry(i, struct stream, in_all);
        if (!stream_is_wanted(s))
            continue;
        some[count++] = s;
        if (count == SUBSCRIBE_AT) {
            subscribe(j, some, count);
            count = 0;
        }
    }
    subscribe(j, some, count);
}

/* --- rooms ---------------------------------------------------------------------------------- */

/* A room that is being left is joined when that has ended. */
static void join(struct stream *s)
{
    if (s->state == STREAM_LEAVING) {
        stream_move(s, STREAM_RETURNING);
        return;
    }
    stream_move(s, STREAM_JOINING);
    subscribe(s->journal, &s, 1);
}

bool channel_follow(struct journal *j, const char *room, uint64_t seq, void (*done)(void *arg),
                    void *arg)
{
    struct stream *s = stream_find(j, room);
    if (s == NULL || (s->state == STREAM_LIVE && seq <= s->copied))
        return true;
    bool first = !stream_is_wanted(s);
    bool hopeless =
        j->stage < STAGE_SEALING || !redis_link_is_up(j->hear) || store_fault(j->store) != NULL;
    if (first) /* whatever else is away: the channel must be heard afterwards */
        join(s);
    if (hopeless || !follower_add(s, seq, done, arg))
        return true; /* as old as it is */
    if (!first)
        read_stream(s);
    return false;
}

/* A stream of the current generation that was read to its end has all of its events. */
bool channel_may_have(const struct journal *j, const char *room, uint64_t seq)
{
    const struct stream *s = stream_find(j, room);
    return s == NULL || store_fault(j->store) != NULL || j->stage != STAGE_LIVE ||
           s->state != STREAM_LIVE || s->gen != j->gen || seq_gen(seq) != j->gen;
}

/* Later events are read when Redis is asked for them, or when a member joins. */
bool channel_unfollow(struct journal *j, const char *room)
{
    struct stream *s = stream_find(j, room);
    if (s == NULL || !stream_is_wanted(s) || s == j->server)
        return true;
    if (!stream_is_heard(s) && redis_link_is_up(j->hear))
        return false; /* SUBSCRIBE is on its way */
    bool heard = stream_is_heard(s);
    if (heard)
        stream_move(s, STREAM_LEAVING);
    if (!heard || !unsubscribe(j, s)) /* the link is down: nothing is heard */
        stream_move(s, STREAM_QUIET);
    return true;
}

void channel_drop(struct stream *s)
{
    if (stream_is_wanted(s))
        unsubscribe(s->journal, s);
}

static void on_joined(struct stream *s)
{
    if (!stream_is_heard(s))
        stream_move(s, STREAM_HEARD);
    read_stream(s);
}

static void on_left(struct stream *s)
{
    if (stream_is_wanted(s)) /* a member has joined meanwhile */
        join(s);
    else
        stream_move(s, STREAM_QUIET);
}

/* "gen-n time event" */
static void on_event(struct stream *s, const redisReply *message)
{
    char key[ID_MAX + 1];
    const char *at;
    struct event e = {.room = s->name, .seq = seq_read(message->str, &at), .body = ""};
    if (e.seq == 0)
        return;
    if (entry_read_time(&at, ' ', &e.at_ms))
        entry_read(&e, key, at, message->len - (size_t)(at - message->str));
    order_hear(s, &e);
}

/* --- what comes ----------------------------------------------------------------------------- */

/* NULL: the channel is not a room's, or that room is gone. */
static struct stream *stream_of(struct journal *j, const char *channel)
{
    char place[PLACE_MAX + 1];
    return key_place_of(channel, j->redis->prefix, place) ? stream_at(j, place) : NULL;
}

static bool is_bus(const struct journal *j, const char *channel)
{
    return strcmp(channel, key_bus(j->redis->prefix).text) == 0;
}

static void on_answer(struct journal *j, const char *channel, bool joined)
{
    struct stream *s = stream_of(j, channel);
    if (s != NULL && joined)
        on_joined(s);
    else if (s != NULL)
        on_left(s);
    else if (joined && is_bus(j, channel) && j->stage >= STAGE_SEALING)
        chat_bus_up(j->chat);
}

static void on_message(struct journal *j, const char *channel, const redisReply *message)
{
    struct stream *s = stream_of(j, channel);
    j->echoed_ms = uv_now(j->loop); /* any message shows that the link hears */
    if (s != NULL)
        on_event(s, message);
    else if (is_bus(j, channel))
        bus_hear(j, message->str, message->len);
}

/* hiredis calls the callback of the first subscription that it finds, for any channel: all have
 * this one. */
static void on_heard(redisAsyncContext *redis, void *raw, void *arg)
{
    struct journal *j = arg;
    const redisReply *reply = raw;
    (void)redis;
    if (reply == NULL || j->ending || reply->type != REDIS_REPLY_ARRAY || reply->elements != 3 ||
        reply->element[0]->type != REDIS_REPLY_STRING ||
        reply->element[1]->type != REDIS_REPLY_STRING)
        return;
    const char *channel = reply->element[1]->str;
    if (strcmp(reply->element[0]->str, "subscribe") == 0)
        on_answer(j, channel, true);
    else if (strcmp(reply->element[0]->str, "unsubscribe") == 0)
        on_answer(j, channel, false);
    else if (reply->element[2]->type == REDIS_REPLY_STRING)
        on_message(j, channel, reply->element[2]);
}

/* --- the link ------------------------------------------------------------------------------- */

void channel_up(struct journal *j)
{
    struct redis_call c;
    call_begin(&c, "SUBSCRIBE");
    call_key(&c, key_bus(j->redis->prefix));
    call_key(&c, key_node(j->redis->prefix, j->id));
    redis_link_subscribe(j->hear, &c, on_heard, j);
    j->probed_ms = 0;
    j->echoed_ms = uv_now(j->loop);
    subscribe_wanted(j);
}

void channel_down(struct journal *j)
{
    list_each(i, n, &j->streams)
    {
        struct stream *s = list_entry(i, struct stream, in_all);
        stream_move(s, stream_is_wanted(s) ? STREAM_JOINING : STREAM_QUIET);
        follower_give_up(s);
    }
}

void channel_probe(struct journal *j)
{
    struct redis_call c;
    uint64_t now_ms = uv_now(j->loop);
    if (!redis_link_is_up(j->hear) || !redis_link_is_up(j->ask))
        return;
    if (j->probed_ms > j->echoed_ms) {
        if (now_ms - j->probed_ms > DEAF_MS)
            redis_link_give_up(j->hear, "deaf");
        return;
    }
    if (now_ms - j->echoed_ms < PROBE_MS)
        return;
    call_begin(&c, "PUBLISH");
    call_key(&c, key_node(j->redis->prefix, j->id));
    call_text(&c, "?");
    if (redis_link_ask(j->ask, &c, NULL, NULL))
        j->probed_ms = now_ms;
}

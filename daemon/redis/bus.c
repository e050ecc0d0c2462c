/* redis_bus.c - the link that hears: channels of rooms, the bus of the nodes, and ourselves, to
 * know that it hears at all. See redis_inside.h. */
#include "private.h"

#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NODE_MS      10000 /* not heard of for so long: not there. The core tells each 3 s */
#define PROBE_MS     5000
#define DEAF_MS      3000
#define SUBSCRIBE_AT 100 /* channels in one command */

/* --- other nodes ---------------------------------------------------------------------------- */

static void note_node(struct journal *j, const char *id)
{
    size_t count = 0;
    list_each(i, n, &j->nodes)
    {
        struct node *p = list_entry(i, struct node, in_journal);
        count++;
        if (strcmp(p->id, id) == 0) {
            p->heard_ms = uv_now(j->loop);
            return;
        }
    }
    struct node *p = count >= NODES_MAX ? NULL : calloc(1, sizeof *p);
    if (p == NULL)
        return;
    strcpy(p->id, id);
    p->heard_ms = uv_now(j->loop);
    list_add(&j->nodes, &p->in_journal);
}

void bus_forget_nodes(struct journal *j, bool all)
{
    list_each(i, n, &j->nodes)
    {
        struct node *p = list_entry(i, struct node, in_journal);
        if (!all && p->heard_ms + NODE_MS > uv_now(j->loop))
            continue;
        list_remove(&p->in_journal);
        free(p);
    }
}

/* "ID text" */
static void on_bus(struct journal *j, const char *text, size_t n)
{
    char id[sizeof j->id];
    const char *blank = memchr(text, ' ', n);
    if (blank == NULL || (size_t)(blank - text) != sizeof id - 1)
        return;
    memcpy(id, text, sizeof id - 1);
    id[sizeof id - 1] = '\0';
    if (strcmp(id, j->id) == 0)
        return;
    note_node(j, id);
    chat_heard(j->chat, blank + 1, n - (size_t)(blank + 1 - text));
}

/* --- what comes ----------------------------------------------------------------------------- */

/* "gen-n time event" */
static void on_event(struct stream *s, const redisReply *message)
{
    char key[ID_MAX + 1], *end;
    const char *at;
    struct event e = {.room = s->name};
    uint64_t seq = redis_id_read(message->str, &at);
    if (seq == 0)
        return;
    int64_t at_ms = strtoll(at, &end, 10);
    if (*end != ' ' ||
        !redis_event_read(&e, key, end + 1, message->len - (size_t)(end + 1 - message->str)))
        return;
    e.seq = seq;
    e.at_ms = at_ms;
    stream_hear(s, &e);
}

static bool is_own(const struct journal *j, const char *channel, const char *name)
{
    size_t n = strlen(j->config->redis->prefix);
    return strncmp(channel, j->config->redis->prefix, n) == 0 && strcmp(channel + n, name) == 0;
}

static void on_confirmed(struct journal *j, const char *channel)
{
    const char *room = redis_channel_room(channel, j->config->redis->prefix);
    if (room != NULL)
        stream_heard_from(stream_of(j, room));
    else if (is_own(j, channel, "bus") && j->stage >= STAGE_SEALING)
        chat_bus_up(j->chat);
}

static void on_left(struct journal *j, const char *channel)
{
    const char *room = redis_channel_room(channel, j->config->redis->prefix);
    if (room != NULL)
        stream_left(stream_of(j, room));
}

static void on_message(struct journal *j, const char *channel, const redisReply *message)
{
    const char *room = redis_channel_room(channel, j->config->redis->prefix);
    j->echoed_ms = uv_now(j->loop); /* whatever it is: the link hears */
    if (room != NULL)
        on_event(stream_of(j, room), message);
    else if (is_own(j, channel, "bus"))
        on_bus(j, message->str, message->len);
}

/* hiredis gives all that comes to the callback of the first subscription that it finds: this one,
 * always. */
static void on_heard(redisAsyncContext *redis, void *raw, void *arg)
{
    struct journal *j = arg;
    const redisReply *reply = raw;
    (void)redis;
    if (reply == NULL || j->ending || reply->type != REDIS_REPLY_ARRAY || reply->elements != 3 ||
        reply->element[0]->type != REDIS_REPLY_STRING ||
        reply->element[1]->type != REDIS_REPLY_STRING)
        return;
    if (strcmp(reply->element[0]->str, "subscribe") == 0)
        on_confirmed(j, reply->element[1]->str);
    else if (strcmp(reply->element[0]->str, "unsubscribe") == 0)
        on_left(j, reply->element[1]->str);
    else if (reply->element[2]->type == REDIS_REPLY_STRING)
        on_message(j, reply->element[1]->str, reply->element[2]);
}

/* --- what is heard -------------------------------------------------------------------------- */

void bus_subscribe(struct journal *j, struct stream *const *logs, size_t n)
{
    static char channels[SUBSCRIBE_AT][REDIS_KEY_MAX];
    const char *argv[1 + SUBSCRIBE_AT] = {"SUBSCRIBE"};
    for (size_t i = 0; i < n; i++) {
        redis_channel(channels[i], j->config->redis->prefix, logs[i]->name);
        argv[1 + i] = channels[i];
    }
    if (n > 0)
        redis_link_subscribe(j->hear, on_heard, j, (int)(1 + n), argv);
}

bool bus_unsubscribe(struct journal *j, const struct stream *s)
{
    char channel[REDIS_KEY_MAX];
    const char *argv[] = {"UNSUBSCRIBE", channel};
    redis_channel(channel, j->config->redis->prefix, s->name);
    return redis_link_subscribe(j->hear, on_heard, j, 2, argv);
}

static void subscribe_wanted(struct journal *j)
{
    struct stream *some[SUBSCRIBE_AT];
    size_t count = 0;
    list_each(i, n, &j->streams)
    {
        struct stream *s = list_entry(i, struct stream, in_all);
        if (!s->wanted)
            continue;
        some[count++] = s;
        if (count == SUBSCRIBE_AT) {
            bus_subscribe(j, some, count);
            count = 0;
        }
    }
    bus_subscribe(j, some, count);
}

static void own_channel(const struct journal *j, char channel[REDIS_KEY_MAX])
{
    snprintf(channel, REDIS_KEY_MAX, "%snode:%s", j->config->redis->prefix, j->id);
}

void bus_up(struct journal *j)
{
    char bus[REDIS_KEY_MAX], own[REDIS_KEY_MAX];
    const char *argv[] = {"SUBSCRIBE", bus, own};
    snprintf(bus, sizeof bus, "%sbus", j->config->redis->prefix);
    own_channel(j, own);
    redis_link_subscribe(j->hear, on_heard, j, 3, argv);
    j->probed_ms = 0;
    j->echoed_ms = uv_now(j->loop);
    subscribe_wanted(j);
}

void bus_down(struct journal *j)
{
    list_each(i, n, &j->streams) stream_deaf(list_entry(i, struct stream, in_all));
}

/* Each second. A link can be connected and hear nothing. */
void bus_probe(struct journal *j)
{
    char own[REDIS_KEY_MAX];
    const char *argv[] = {"PUBLISH", own, "?"};
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
    own_channel(j, own);
    if (redis_link_ask(j->ask, redis_ignore, NULL, 3, argv, NULL))
        j->probed_ms = now_ms;
}

/* --- what is said --------------------------------------------------------------------------- */

static void tell(struct bus *b, const char *text, size_t n)
{
    struct journal *j = (struct journal *)b;
    char bus[REDIS_KEY_MAX];
    struct bytes message = {0};
    snprintf(bus, sizeof bus, "%sbus", j->config->redis->prefix);
    bytes_add_text(&message, j->id);
    bytes_add(&message, " ", 1);
    bytes_add(&message, text, n);
    const char *argv[] = {"PUBLISH", bus, message.at};
    size_t lengths[] = {7, strlen(bus), message.size};
    if (!message.failed && j->stage >= STAGE_SEALING)
        redis_link_ask(j->ask, redis_ignore, NULL, 3, argv, lengths);
    bytes_finish(&message);
}

const struct bus_ops journal_redis_bus_ops = {tell};

struct bus *journal_redis_bus(struct journal *j) { return (struct bus *)j; }

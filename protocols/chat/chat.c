/* chat.c - the whole chat: begins, applies the log, tells the time on, ends. See chat.h. */
#include "chat.h"

#include "chat/command/command.h"
#include "chat/model/identity.h"
#include "chat/cluster/peers.h"
#include "chat/base/voter.h"
#include "chat/model/room.h"
#include "chat/model/session.h"
#include "chat/model/standings.h"

#include <stdlib.h>
#include <string.h>

#define WINDOW_IDLE_MS ((uint64_t)60 * 1000) /* then a room's window is given back */
#define EMPTY_MS       10000                 /* then a room that nobody is in is not followed */

#define RETURN_MIN_MS        500
#define RETURN_PER_SECOND    500 /* connections that a node takes back without a queue */
#define RETURN_SPREAD_MAX_MS 30000

struct chat *chat_create(const struct chat_config *config)
{
    struct chat *chat = calloc(1, sizeof *chat);
    if (chat == NULL)
        return NULL;
    chat->config = config;
    chat->nicks = nick_rules_create();
    if (chat->nicks == NULL || !peers_create(chat)) {
        nick_rules_destroy(&chat->nicks);
        free(chat);
        return NULL;
    }
    list_init(&chat->rooms);
    list_init(&chat->dirty_rooms);
    list_init(&chat->dirty_sessions);
    list_init(&chat->resting);
    list_init(&chat->due_polls);
    list_init(&chat->standings);
    wheel_init(chat);
    return chat;
}

void chat_destroy(struct chat **chat_at)
{
    struct chat *chat = *chat_at;
    if (chat == NULL)
        return;
    while (chat->sessions_by_id != NULL) {
        struct session *s =
            *(struct session **)chat->sessions_by_id; /* tsearch(3): a node begins with its key */
        session_destroy(&s);
    }
    peers_destroy(chat);
    list_each(l, next, &chat->rooms)
    {
        struct room *r = list_entry(l, struct room, in_chat);
        room_destroy(&r);
    }
    identities_forget(chat);
    polls_forget(chat);
    standings_forget(chat);
    nick_rules_destroy(&chat->nicks);
    free(chat);
    *chat_at = NULL;
}

void chat_clock(struct chat *chat, uint64_t now_ms, int64_t wall_ms)
{
    if (chat->now_ms == 0)
        chat->wheel_s = now_ms / 1000;
    chat->now_ms = now_ms;
    chat->wall_ms = wall_ms;
}

size_t chat_message_bytes(const struct chat *chat) { return chat->config->limits.message_bytes; }

/* --- rooms ---------------------------------------------------------------------------------- */

enum err chat_add_room(struct chat *chat, const struct room_seed *seed)
{
    return room_create(chat, seed) == NULL ? ERR_UNAVAILABLE : OK;
}

bool chat_has_room(const struct chat *chat, const struct room_seed *seed)
{
    const struct room *r = room_find(chat, seed->name);
    return r != NULL && strcmp(r->title, seed->title) == 0 && strcmp(r->topic, seed->topic) == 0 &&
           r->post == seed->post;
}

enum err chat_submit_room(struct chat *chat, const struct room_seed *seed, const char *key,
                          journal_done *done, void *arg)
{
    return submit_room(chat, seed, 0, key, done, arg);
}

static void tell_everybody(struct chat *chat, struct bytes *frame, size_t mark)
{
    session_end(frame, mark);
    for (size_t i = 0; i < WHEEL_SLOTS && !frame->failed; i++)
        list_each(l, next, &chat->wheel[i])
            session_signal(list_entry(l, struct session, in_wheel), frame);
    bytes_finish(frame);
}

static void tell_room(struct chat *chat, const struct room *r)
{
    struct bytes frame = {0};
    size_t mark = session_begin(&frame, "room");
    session_add_text(&frame, "room", r->name);
    session_add_text(&frame, "title", r->title);
    session_add_text(&frame, "topic", r->topic);
    tell_everybody(chat, &frame, mark);
}

void chat_writable(struct chat *chat, bool on)
{
    struct bytes frame = {0};
    size_t mark = session_begin(&frame, "writable");
    chat->unwritable = !on;
    session_add_bool(&frame, "on", on);
    tell_everybody(chat, &frame, mark);
    for (size_t i = 0; i < WHEEL_SLOTS; i++) /* what waits for what was said need not, now */
        list_each(l, next, &chat->wheel[i])
            session_make_dirty(list_entry(l, struct session, in_wheel));
}

/* A new room; or the daemon's own configuration has other words for one. */
static void apply_room(struct chat *chat, const struct event *e)
{
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    char log[LOG_NAME_MAX + 1];
    event_log_name(e, log);
    struct room_seed seed = {.name = field_string(body, "room"),
                             .title = field_string(body, "title"),
                             .topic = field_string(body, "topic"),
                             .post = role_of(field_string(body, "post")),
                             .log = log};
    struct room *r = seed.name == NULL ? NULL : room_find(chat, seed.name);
    if (seed.name != NULL && seed.title != NULL && seed.topic != NULL) {
        if (r == NULL)
            r = room_create(chat, &seed);
        else if (e->author == 0)
            room_set_words(r, &seed);
        if (r != NULL)
            tell_room(chat, r);
    }
    json_decref(body);
}

void chat_apply(struct chat *chat, const struct event *e)
{
    chat->stats.events++;
    if (e->kind == EVENT_ROOM) {
        apply_room(chat, e);
        return;
    }
    struct room *r = room_find(chat, e->room);
    if (r != NULL && e->kind == EVENT_VOID)
        r->last = e->seq > r->last ? e->seq : r->last;
    else if (r != NULL)
        room_append(r, e);
    if (r != NULL)
        polls_apply(chat, e);
    standing_apply(chat, e);
}

/* --- time ----------------------------------------------------------------------------------- */

static void tick_room(struct chat *chat, struct room *r)
{
    if (r->tell_here_ms != 0 && r->tell_here_ms <= chat->now_ms)
        room_tell_here(r);
    if (r->window.room > 0 && r->busy_ms + WINDOW_IDLE_MS < chat->now_ms)
        window_clear(&r->window);
    if (r->followed && r->member_count == 0 && r->left_ms + EMPTY_MS < chat->now_ms) {
        r->followed = false;
        if (chat->config->journal_ops->unfollow != NULL)
            chat->config->journal_ops->unfollow(chat->config->journal, r->name);
    }
}

void chat_tick(struct chat *chat)
{
    list_each(l, next, &chat->rooms) tick_room(chat, list_entry(l, struct room, in_chat));
    peers_tick(chat);
    polls_tick(chat);
    standings_tick(chat);
    identities_rest(chat);
    wheel_turn(chat);
}

/* --- the end -------------------------------------------------------------------------------- */

void chat_drain(struct chat *chat) { chat->draining = true; }

void chat_farewell(struct chat *chat)
{
    peers_bye(chat);
    uint64_t n = 0, spread_ms = chat->stats.sessions * 1000 / RETURN_PER_SECOND;
    if (spread_ms > RETURN_SPREAD_MAX_MS)
        spread_ms = RETURN_SPREAD_MAX_MS;
    for (size_t i = 0; i < WHEEL_SLOTS; i++)
        list_each(l, next, &chat->wheel[i])
        {
            char reason[64];
            uint64_t ms = RETURN_MIN_MS + spread_ms * n++ / (chat->stats.sessions + 1);
            snprintf(reason, sizeof reason, "{\"retry_after\":%llu.%03llu}",
                     (unsigned long long)ms / 1000, (unsigned long long)ms % 1000);
            session_close(list_entry(l, struct session, in_wheel), CLOSE_RESTART, reason);
        }
}

struct chat_stats chat_stats(const struct chat *chat)
{
    struct chat_stats stats = chat->stats;
    stats.rooms = chat->room_count;
    stats.nodes = peers_alive(chat);
    return stats;
}

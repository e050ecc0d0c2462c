/* chat.c - see chat.h. Here all parts begin, apply the log, tick, flush and end. */
#include "chat.h"

#include "chat/base/json.h"
#include "chat/base/object.h"
#include "chat/base/photo.h"
#include "chat/base/wire.h"
#include "chat/cluster/cluster.h"
#include "chat/cluster/heard.h"
#include "chat/cluster/nodes.h"
#include "chat/cluster/tell.h"
#include "chat/command/command.h"
#include "chat/command/photo.h"
#include "chat/command/submit.h"
#include "chat/model/due_poll.h"
#include "chat/model/fanout.h"
#include "chat/model/here.h"
#include "chat/model/identity.h"
#include "chat/model/person.h"
#include "chat/model/pins.h"
#include "chat/model/pull.h"
#include "chat/model/removal.h"
#include "chat/model/sanction.h"
#include "chat/model/session.h"
#include "chat/model/setting.h"
#include "chat/model/standings.h"
#include "chat/model/timeout.h"
#include "chat/model/wheel.h"

#include <stdio.h>
#include <stdlib.h>

#define RETURN_MIN_MS        500
#define RETURN_PER_SECOND    500 /* connections that a node takes back without a queue */
#define RETURN_SPREAD_MAX_MS 30000

struct chat *chat_create(const struct chat_config *config)
{
    struct chat *chat = calloc(1, sizeof *chat);
    if (chat == NULL)
        return NULL;
    chat->config = config;
    if (config->nicks == NULL)
        chat->own_nicks = nick_rules_create();
    chat->nicks = config->nicks == NULL ? chat->own_nicks : config->nicks;
    if (chat->nicks == NULL || !cluster_create(chat)) {
        nick_rules_destroy(&chat->own_nicks);
        free(chat);
        return NULL;
    }
    list_init(&chat->rooms);
    list_init(&chat->recent);
    list_init(&chat->dirty_rooms);
    list_init(&chat->telling);
    list_init(&chat->uploads);
    list_init(&chat->dirty_sessions);
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
    cluster_destroy(chat);
    list_each(l, next, &chat->rooms)
    {
        struct room *r = list_entry(l, struct room, in_chat);
        people_forget(r);
        room_destroy(&r);
    }
    heap_finish(&chat->aging);
    uploads_forget(chat);
    identities_forget(chat);
    due_polls_forget(chat);
    standings_forget(chat);
    nick_rules_destroy(&chat->own_nicks);
    free(chat);
    *chat_at = NULL;
}

void chat_clock(struct chat *chat, uint64_t now_ms, int64_t wall_ms, int64_t end_ms)
{
    if (chat->now_ms == 0)
        chat->wheel_s = now_ms / 1000;
    chat->now_ms = now_ms;
    chat->wall_ms = wall_ms;
    chat->end_ms = end_ms;
}

int64_t chat_newest_ms(const struct chat *chat)
{
    const struct list *last = chat->recent.prev;
    return last == &chat->recent ? 0 : list_entry(last, struct room, in_recent)->last_at_ms;
}

size_t chat_message_bytes(const struct chat *chat) { return chat->config->limits.message_bytes; }

/* --- at start ------------------------------------------------------------------------------- */

enum err chat_add_room(struct chat *chat, const struct room_seed *seed)
{
    return room_create(chat, seed) == NULL ? ERR_UNAVAILABLE : OK;
}

enum err chat_add_standing(struct chat *chat, const struct standing *s)
{
    return standings_add(chat, s);
}

enum err chat_add_poll(struct chat *chat, const char *room, uint64_t seq, int64_t closes_ms)
{
    return due_poll_add(chat, room, seq, closes_ms);
}

bool chat_has_room(const struct chat *chat, const struct room_seed *seed)
{
    const struct room *r = room_find(chat, seed->name);
    return r != NULL && room_is_as(r, seed);
}

const char *chat_room_titled(const struct chat *chat, const struct room_seed *seed)
{
    const struct room *r = room_find_titled(chat, seed->title, seed->name);
    return r == NULL ? NULL : r->name;
}

void chat_keep_room(struct chat *chat, const char *name)
{
    struct room *r = room_find(chat, name);
    if (r != NULL)
        r->configured = true;
}

enum err chat_submit_room(struct chat *chat, const struct room_seed *seed, const char *key,
                          journal_done *done, void *arg)
{
    return submit_room(chat, seed, 0, key, done, arg);
}

/* --- the log -------------------------------------------------------------------------------- */

void chat_set_branch(struct chat *chat, const char *branch)
{
    snprintf(chat->branch, sizeof chat->branch, "%s", branch);
}

static void tell_one(struct session *s, void *frame) { sink_tell(s, frame); }

static void tell_everybody(struct chat *chat, struct bytes *frame)
{
    wheel_each(chat, tell_one, frame);
    bytes_finish(frame);
}

static void signal_room(struct chat *chat, const struct room *r)
{
    struct bytes frame = {0};
    size_t mark = wire_open(&frame, "room");
    object_add_text(&frame, "room", r->name);
    object_add_text(&frame, "title", r->title);
    object_add_text(&frame, "topic", r->topic);
    object_add_text(&frame, "post", role_name(r->post));
    wire_close(&frame, mark);
    tell_everybody(chat, &frame);
}

static void remove_room(struct chat *chat, struct room *r)
{
    struct bytes frame = {0};
    removal_write_signal(&frame, r);
    tell_room_gone(r);
    removal_carry_out_take(r);
    tell_everybody(chat, &frame); /* who has been put out has it in their replies */
}

static void apply_to_rooms(struct chat *chat, const struct event *e)
{
    struct room *r = room_apply(chat, e);
    if (r != NULL)
        signal_room(chat, r);
    if ((r = removal_of(chat, e)) != NULL)
        remove_room(chat, r);
    if (event_traits(e->kind)->class == CLASS_SERVER)
        return;
    r = room_find(chat, e->room);
    if (r != NULL)
        room_append(r, e);
}

static void name_photo(const struct chat_config *config, const json_t *photo, bool upload)
{
    const char *name = field_string(photo, "photo");
    if (photo_name_ok(name))
        config->pull_ops->named(config->pull, name, upload);
}

/* Other nodes have the files of these photos. */
static void apply_to_photos(struct chat *chat, const struct event *e)
{
    json_t *photos = NULL, *photo;
    size_t i;
    if (chat->config->pull_ops == NULL)
        return;
    if (e->kind == EVENT_PHOTO) {
        photos = json_loadb(e->body, e->body_bytes, 0, NULL);
        name_photo(chat->config, photos, true);
    } else if (e->kind == EVENT_MESSAGE) {
        photos = photos_in(e->body, e->body_bytes);
        json_array_foreach(photos, i, photo) name_photo(chat->config, photo, false);
    }
    json_decref(photos);
}

/* In this order: sanctions_apply() reads the standing that the act has changed. */
static void (*const appliers[])(struct chat *chat, const struct event *e) = {
    apply_to_rooms, due_polls_apply, standings_apply, sanctions_apply,
    identity_apply, setting_apply,   apply_to_photos, pins_apply,
};

void chat_apply(struct chat *chat, const struct event *e)
{
    chat->stats.events++;
    for (size_t i = 0; i < sizeof appliers / sizeof *appliers; i++)
        appliers[i](chat, e);
}

static void wake(struct session *s, void *arg)
{
    (void)arg;
    sink_make_dirty(s);
}

void chat_writable(struct chat *chat, bool on)
{
    struct bytes frame = {0};
    size_t mark = wire_open(&frame, "writable");
    chat->unwritable = !on;
    chat->unwritable_ms = chat->now_ms;
    object_add_bool(&frame, "on", on);
    wire_close(&frame, mark);
    tell_everybody(chat, &frame);
    wheel_each(chat, wake, NULL); /* commands that wait for submits may run now */
}

/* --- other nodes ---------------------------------------------------------------------------- */

void chat_heard(struct chat *chat, const char *text, size_t n) { heard_message(chat, text, n); }

void chat_bus_up(struct chat *chat) { tell_up(chat); }

void chat_tell_photo(struct chat *chat, const char *word, const char *photo, unsigned first,
                     unsigned end)
{
    tell_photo(chat, word, photo, first, end);
}

/* --- time ----------------------------------------------------------------------------------- */

static void tick_room(struct room *r)
{
    room_rest(r);
    room_unfollow_if_empty(r);
}

/* Each part does a bounded piece of what is due. */
bool chat_tick(struct chat *chat)
{
    bool more = here_tick(chat);
    list_each(l, next, &chat->rooms) tick_room(list_entry(l, struct room, in_chat));
    more |= cluster_tick(chat);
    due_polls_tick(chat);
    removals_tick(chat);
    standings_tick(chat);
    identities_rest(chat);
    return timeouts_tick(chat) || more;
}

void chat_paused(struct chat *chat) { timeouts_restart(chat); }

/* Sends the session's replies, then moves its cursors and runs its waiting commands. */
static void flush_session(struct session *s)
{
    list_remove(&s->in_dirty);
    sink_flush(s);
    if (s->out.size > 0 || s->write_blocked)
        return;
    list_each(l, next, &s->members)
    {
        struct member *m = list_entry(l, struct member, in_session);
        here_tell_missed(m);
        fanout_member(m);
    }
    commands_go_on(s);
}

void chat_flush(struct chat *chat)
{
    while (!list_empty(&chat->dirty_sessions))
        flush_session(list_entry(chat->dirty_sessions.next, struct session, in_dirty));
    while (!list_empty(&chat->dirty_rooms)) {
        struct room *r = list_entry(chat->dirty_rooms.next, struct room, in_dirty);
        list_remove(&r->in_dirty);
        fanout_room(r);
    }
}

/* --- the end -------------------------------------------------------------------------------- */

void chat_drain(struct chat *chat) { chat->draining = true; }

struct farewell {
    uint64_t spread_ms; /* all sessions return within this time */
    uint64_t sessions, n;
};

static void close_for_now(struct session *s, void *arg)
{
    struct farewell *f = arg;
    char reason[64];
    uint64_t ms = RETURN_MIN_MS + f->spread_ms * f->n++ / (f->sessions + 1);
    snprintf(reason, sizeof reason, "{\"retry_after\":%llu.%03llu}", (unsigned long long)ms / 1000,
             (unsigned long long)ms % 1000);
    sink_close(s, CLOSE_RESTART, reason);
}

void chat_farewell(struct chat *chat)
{
    struct farewell f = {.sessions = chat->stats.sessions};
    tell_bye(chat);
    f.spread_ms = f.sessions * 1000 / RETURN_PER_SECOND;
    if (f.spread_ms > RETURN_SPREAD_MAX_MS)
        f.spread_ms = RETURN_SPREAD_MAX_MS;
    wheel_each(chat, close_for_now, &f);
}

struct chat_stats chat_stats(const struct chat *chat)
{
    struct chat_stats stats = chat->stats;
    stats.rooms = chat->room_count;
    stats.nodes = nodes_alive(chat);
    return stats;
}

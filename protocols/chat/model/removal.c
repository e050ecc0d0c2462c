/* removal.c - see removal.h. A heap finds the rooms to look at: by the time at which they are old,
 * as far as was known when they were put there, so that a post costs nothing. */
#include "removal.h"

#include "due_poll.h"
#include "fanout.h"
#include "marker.h"
#include "member.h"
#include "person.h"
#include "presence.h"
#include "room.h"
#include "sink.h"
#include "standings.h"

#include "chat/base/hash.h"
#include "chat/base/json.h"
#include "chat/base/object.h"
#include "chat/base/wire.h"

#include <inttypes.h>
#include <stdio.h>

#define LOOKS_A_TICK  256   /* heap operations: about a tenth of a millisecond */
#define LOOK_AGAIN_MS 10000 /* at a room that is old and is not removed */

/* --- carrying out ---------------------------------------------------------------------------
 */

struct room *removal_of(const struct chat *chat, const struct event *e)
{
    if (e->kind != EVENT_ROOM_GONE)
        return NULL;
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    const char *name = field_string(body, "room");
    struct room *r = name == NULL ? NULL : room_find(chat, name);
    bool same = r != NULL && r->life == (uint64_t)field_int(body, "life", 0);
    json_decref(body);
    return same ? r : NULL;
}

void removal_write_signal(struct bytes *to, const struct room *r)
{
    size_t mark = wire_open(to, "room_gone");
    object_add_text(to, "room", r->name);
    wire_close(to, mark);
}

static void end_membership(struct member *m)
{
    struct session *s = m->session;
    sink_flush(s);
    fanout_member(m);
    removal_write_signal(&s->out, m->room);
    sink_make_dirty(s);
    member_leave(&m, true);
}

static void forget_person(struct person *p)
{
    struct chat *chat = p->room->chat;
    if (p->announced_to_nodes && chat->tell_nodes != NULL)
        chat->tell_nodes(p, false);
    list_each(l, next, &p->elsewhere) presence_end(list_entry(l, struct presence, of_person), true);
    person_forget(p);
}

void removal_carry_out_take(struct room *r)
{
    list_each(l, next, &r->members) end_membership(list_entry(l, struct member, in_room));
    list_each(l, next, &r->people) forget_person(list_entry(l, struct person, in_room));
    markers_forget(r);
    due_polls_forget_room(r);
    standings_forget_room(r);
    room_destroy(&r);
}

/* --- submitting ----------------------------------------------------------------------------- */

static enum err submit(const struct room *r, bool by_clock, const char *key, journal_done *done,
                       void *arg)
{
    const struct chat_config *config = r->chat->config;
    struct bytes body = {0};
    object_begin(&body, NULL);
    object_add_text(&body, "room", r->name);
    if (r->life > 0)
        object_add_number(&body, "life", r->life);
    if (by_clock)
        object_add_number(&body, "last", r->last);
    object_end(&body);
    struct event e = {.room = SERVER_LOG,
                      .kind = EVENT_ROOM_GONE,
                      .key = key,
                      .body = body.at,
                      .body_bytes = body.size};
    enum err err =
        body.failed ? ERR_UNAVAILABLE : config->journal_ops->submit(config->journal, &e, done, arg);
    bytes_finish(&body);
    return err;
}

enum err removal_submit(const struct room *r, const char *key, journal_done *done, void *arg)
{
    return submit(r, false, key, done, arg);
}

/* --- the clock ------------------------------------------------------------------------------ */

static void on_submitted(void *arg, enum err err, uint64_t seq, int64_t at_ms)
{
    struct chat *chat = arg;
    (void)err, (void)seq, (void)at_ms;
    chat->removals_asked--;
}

/* The same on all nodes, so that the log has one removal of a room. The hash is of the name, which
 * would make the key longer than ID_MAX. */
static void ask_to_remove(struct room *r)
{
    char key[ID_MAX + 1], hex[HASH_CHARS + 1];
    hash_text(r->name, hex);
    snprintf(key, sizeof key, "old-%" PRIu64 "-%s", r->life, hex);
    if (submit(r, true, key, on_submitted, r->chat) == OK)
        r->chat->removals_asked++;
}

/* If the removal fails, the room is looked at again. What somebody has said in it keeps it. */
static void look_at(struct room *r)
{
    struct chat *chat = r->chat;
    bool old = room_old_ms(r) <= chat->end_ms;
    heap_remove(&chat->aging, &r->in_aging);
    if (r->last > 0)
        return;
    heap_add(&chat->aging, &r->in_aging, old ? chat->end_ms + LOOK_AGAIN_MS : room_old_ms(r));
    if (old && !r->configured && r->member_count == 0 && r->people_count == 0)
        ask_to_remove(r);
}

void removals_tick(struct chat *chat)
{
    if (chat->draining || chat->unwritable)
        return;
    for (int n = 0; n < LOOKS_A_TICK && chat->removals_asked < REMOVALS_ASKED; n++) {
        struct heap_link *first = heap_first(&chat->aging);
        if (first == NULL || first->key > chat->end_ms)
            return;
        look_at(heap_entry(first, struct room, in_aging));
    }
}

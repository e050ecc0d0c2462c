/* room.c - a room's window and its members. See room.h. */
#include "room.h"

#include "chat/cluster/peers.h"
#include "session.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b) { return strcmp(a, b); }

struct room *room_find(const struct chat *chat, const char *name)
{
    struct room **found = tfind(name, &chat->rooms_by_name, by_name);
    return found == NULL ? NULL : *found;
}

static bool copy_words(struct room *r, const struct room_seed *seed)
{
    char *title = strdup(seed->title), *topic = strdup(seed->topic);
    if (title == NULL || topic == NULL) {
        free(title);
        free(topic);
        return false;
    }
    free(r->title);
    free(r->topic);
    r->title = title;
    r->topic = topic;
    r->post = seed->post;
    return true;
}

void room_set_words(struct room *r, const struct room_seed *seed) { (void)copy_words(r, seed); }

static void free_words(struct room *r)
{
    free(r->title);
    free(r->topic);
    free(r->log);
    free(r);
}

struct room *room_create(struct chat *chat, const struct room_seed *seed)
{
    struct room *r = calloc(1, sizeof *r);
    if (r == NULL)
        return NULL;
    r->log = strdup(seed->log);
    if (r->log == NULL || !copy_words(r, seed))
        goto no_memory;
    strncpy(r->name, seed->name, sizeof r->name - 1);
    r->chat = chat;
    r->last = seed->last;
    window_init(&r->window, seed->last);
    list_init(&r->in_dirty);
    list_init(&r->members);
    list_init(&r->people);
    list_init(&r->changed);
    if (tsearch(r, &chat->rooms_by_name, by_name) == NULL)
        goto no_memory;
    list_add(&chat->rooms, &r->in_chat);
    chat->room_count++;
    peers_new_room(chat);
    return r;
no_memory:
    free_words(r);
    return NULL;
}

void room_destroy(struct room **room)
{
    struct room *r = *room;
    if (r == NULL)
        return;
    room_forget_people(r);
    tdelete(r, &r->chat->rooms_by_name, by_name);
    list_remove(&r->in_chat);
    list_remove(&r->in_dirty);
    r->chat->room_count--;
    window_finish(&r->window);
    free_words(r);
    *room = NULL;
}

void room_make_dirty(struct room *r)
{
    if (list_empty(&r->in_dirty))
        list_add(&r->chat->dirty_rooms, &r->in_dirty);
}

void room_append(struct room *r, const struct event *e)
{
    const struct event_traits *traits = event_traits(e->kind);
    const uint64_t of = traits->class == CLASS_ACT ? 0 : e->of; /* an identity is no item */
    struct bytes frame = {0};
    event_frame(&frame, e);
    r->last = e->seq;
    r->busy_ms = r->chat->now_ms;
    if (traits->purges) /* members read the rest from the archive */
        window_clear(&r->window);
    if (frame.failed) { /* the archive has it: members read it there */
        window_clear(&r->window);
        r->window.floor = e->seq;
        r->window.base++;
    } else {
        if (traits->superseded)
            window_supersede(&r->window, of);
        window_append(&r->window, e->seq, of, frame.at, frame.size);
        if (traits->superseded)
            window_mark_tally(&r->window);
    }
    bytes_finish(&frame);
    if (traits->redacts)
        window_redact(&r->window, of);
    room_make_dirty(r);
}

struct member *room_member(const struct room *r, const struct session *s)
{
    list_each(l, next, &s->members)
    {
        struct member *m = list_entry(l, struct member, in_session);
        if (m->room == r)
            return m;
    }
    return NULL;
}

struct member *room_enter(struct room *r, struct session *s, uint64_t seq)
{
    struct member *m = calloc(1, sizeof *m);
    if (m == NULL)
        return NULL;
    m->person = person_enter(r, s->identity);
    if (m->person == NULL) {
        free(m);
        return NULL;
    }
    m->session = s;
    m->room = r;
    m->seq = seq;
    m->offset = window_find(&r->window, seq);
    window_seen(&r->window);
    list_add(&r->members, &m->in_room);
    list_add(&s->members, &m->in_session);
    r->member_count++;
    s->member_count++;
    r->chat->stats.members++;
    return m;
}

void room_leave(struct member **member, bool at_once)
{
    struct member *m = *member;
    if (m == NULL)
        return;
    list_remove(&m->in_room);
    list_remove(&m->in_session);
    m->room->member_count--;
    m->room->left_ms = m->room->chat->now_ms;
    m->session->member_count--;
    m->room->chat->stats.members--;
    person_leave(m->person, at_once);
    free(m);
    *member = NULL;
}

void room_signal(struct room *r, const struct identity *except, const struct bytes *frame)
{
    if (frame->failed)
        return;
    list_each(l, next, &r->members)
    {
        struct member *m = list_entry(l, struct member, in_room);
        if (m->person->identity != except)
            session_signal(m->session, frame);
    }
    r->chat->stats.signals++;
}

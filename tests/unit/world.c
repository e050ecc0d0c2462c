/* world.c - see world.h. */
#include "world.h"

#include "world_archive.h"
#include "world_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A submit or a question without its answer yet. */
struct answer {
    struct answer *next;
    uint64_t number_asked;
    struct ask *ask; /* the question */
    /* or the submit */
    struct stored *stored;
    bool is_new;
    enum err err;
    journal_done *done;
    void *arg;
};

/* Journal and archive answer in the order of the questions, unless a test lets one go first. */
static struct answer *answer_later(struct world *w, struct answers *queue)
{
    struct answer *a = calloc(1, sizeof *a);
    a->number_asked = ++w->asked;
    *queue->last = a;
    queue->last = &a->next;
    return a;
}

static struct answer *take_first(struct answers *queue)
{
    struct answer *a = queue->first;
    if (a == NULL)
        return NULL;
    queue->first = a->next;
    if (queue->first == NULL)
        queue->last = &queue->first;
    return a;
}

/* --- the journal ---------------------------------------------------------------------------- */

bool world_answer_journal(struct world *w)
{
    struct answer *a = take_first(&w->journal);
    if (a == NULL)
        return false;
    if (a->is_new)
        chat_apply(w->chat, &a->stored->e);
    a->done(a->arg, a->err, a->stored == NULL ? 0 : a->stored->e.seq,
            a->stored == NULL ? 0 : a->stored->e.at_ms);
    free(a);
    return true;
}

static bool is_one_room(json_t *a, json_t *b)
{
    return strcmp(text_of(a, "room"), text_of(b, "room")) == 0 ||
           strcmp(text_of(a, "skeleton"), text_of(b, "skeleton")) == 0;
}

/* Whether a later event removes the room that event i has created. */
static bool is_gone(const struct world *w, size_t i)
{
    const char *name = text_of(w->events[i]->raw, "room");
    bool gone = false;
    while (++i < w->event_count && !gone)
        gone = w->events[i]->e.kind == EVENT_ROOM_GONE &&
               strcmp(text_of(w->events[i]->raw, "room"), name) == 0;
    return gone;
}

/* The two rooms of world_create(), and those in the log. */
static bool room_is_there(struct world *w, json_t *room)
{
    const char *name = text_of(room, "room");
    bool there = strcmp(name, "lobby") == 0 || strcmp(name, "news") == 0;
    for (size_t i = 0; i < w->event_count && !there; i++) {
        json_t *body = json_loads(w->events[i]->body, 0, NULL);
        there = w->events[i]->e.kind == EVENT_ROOM && is_one_room(body, room) && !is_gone(w, i);
        json_decref(body);
    }
    return there;
}

static bool room_exists(struct world *w, const struct event *e)
{
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    bool exists = e->kind == EVENT_ROOM && room_is_there(w, body);
    json_decref(body);
    return exists;
}

static enum err submit(struct journal *j, const struct event *e, journal_done *done, void *arg)
{
    struct world *w = (struct world *)j;
    struct answer *a = answer_later(w, &w->journal);
    a->done = done;
    a->arg = arg;
    a->stored = log_find_key(w, e->author, e->key);
    if (w->journal_broken)
        a->err = ERR_UNAVAILABLE;
    else if (w->nick_taken && e->kind == EVENT_IDENTITY)
        a->err = ERR_NICK_TAKEN;
    else if (a->stored != NULL)
        a->err = a->stored->hash == event_hash(e) ? OK : ERR_CONFLICT;
    else if (room_exists(w, e))
        a->err = ERR_ROOM_EXISTS;
    else if (event_traits(e->kind)->class == CLASS_TALLY && log_poll_is_closed(w, e->room, e->of))
        a->err = ERR_CLOSED;
    else {
        a->stored = log_add(w, e);
        a->is_new = true;
    }
    return OK;
}

/* --- the archive ---------------------------------------------------------------------------- */

static enum err ask(struct archive *archive, struct ask *ask)
{
    struct world *w = (struct world *)archive;
    w->turn = ask->turn;
    answer_later(w, &w->archive)->ask = ask;
    return OK;
}

bool world_answer_archive(struct world *w)
{
    struct answer *a = take_first(&w->archive);
    if (a == NULL)
        return false;
    archive_answer(w, a->ask);
    a->ask->took_us = w->took_us;
    a->ask->done(a->ask);
    ask_destroy(&a->ask);
    free(a);
    return true;
}

static bool answer_oldest(struct world *w)
{
    const struct answer *j = w->journal.first, *a = w->archive.first;
    bool archive_next = a != NULL && (j == NULL || a->number_asked < j->number_asked);
    return archive_next ? world_answer_archive(w) : world_answer_journal(w);
}

struct kept_marker *world_marker(struct world *w, uint64_t identity, const char *room)
{
    for (size_t i = 0; i < w->marker_count; i++)
        if (w->markers[i].identity == identity && strcmp(w->markers[i].room, room) == 0)
            return &w->markers[i];
    assert_true(w->marker_count < WORLD_MARKERS_MAX);
    struct kept_marker *m = &w->markers[w->marker_count++];
    m->identity = identity;
    snprintf(m->room, sizeof m->room, "%s", room);
    return m;
}

static void mark(struct archive *archive, uint64_t identity, const struct archive_marker *m)
{
    struct kept_marker *mine = world_marker((struct world *)archive, identity, m->room);
    mine->joined = m->joined;
    if (m->backs > mine->backs || (m->backs == mine->backs && m->read > mine->read)) {
        mine->read = m->read;
        mine->backs = m->backs;
    }
}

/* --- the world ------------------------------------------------------------------------------ */

static const struct journal_ops journal_ops = {.submit = submit};

static const struct archive_ops archive_ops = {.ask = ask, .mark = mark};

struct world *world_create(void) { return world_create_node("test", NULL, NULL); }

struct world *world_create_node(const char *node, const struct bus_ops *ops, struct bus *bus)
{
    static const char *const reserved[] = {"admin", NULL};
    static const struct nick_rules *nicks; /* loading them takes as long as a whole test */
    if (nicks == NULL)
        nicks = nick_rules_create();
    struct world *w = calloc(1, sizeof *w);
    w->journal.last = &w->journal.first;
    w->archive.last = &w->archive.first;
    w->now_ms = 1000000;
    w->config = (struct chat_config){.limits = {.message_bytes = 16384,
                                                .text_bytes = 4000,
                                                .rooms = 10,
                                                .rooms_per_session = 5,
                                                .idle_seconds = 60,
                                                .hello_seconds = 10,
                                                .resume_events = 1000,
                                                .errors = 20,
                                                .here = 3,
                                                .nick_days = 30,
                                                .waiting = 16,
                                                .polls = 50,
                                                .standings = 50,
                                                .commands_burst = 1},
                                     .name = "test",
                                     .version = "0",
                                     .reserved_nicks = reserved,
                                     .nicks = nicks,
                                     .journal_ops = &journal_ops,
                                     .journal = (struct journal *)w,
                                     .archive_ops = &archive_ops,
                                     .archive = (struct archive *)w,
                                     .node = node,
                                     .bus_ops = ops,
                                     .bus = bus};
    w->chat = chat_create(&w->config);
    assert_non_null(w->chat);
    chat_clock(w->chat, w->now_ms, (int64_t)w->now_ms, (int64_t)w->now_ms);
    struct room_seed lobby = {"lobby", "Lobby", "Say hello", "log-1", ROLE_MEMBER, 0, 0};
    struct room_seed news = {"news", "News", "", "log-2", ROLE_MODERATOR, 0, 0};
    assert_int_equal(chat_add_room(w->chat, &lobby), OK);
    assert_int_equal(chat_add_room(w->chat, &news), OK);
    return w;
}

void world_follow(struct world *w, const struct world *other)
{
    while (w->event_count < other->event_count) {
        const struct stored *theirs = other->events[w->event_count];
        struct event e = theirs->e;
        char *body = json_dumps(theirs->raw, JSON_COMPACT);
        e.body = body;
        e.body_bytes = strlen(body);
        chat_apply(w->chat, &log_add(w, &e)->e);
        free(body);
    }
}

json_t *world_event(const struct world *w, size_t i)
{
    const struct stored *s = w->events[i];
    return json_pack("{s:i, s:I, s:s?, s:O}", "kind", (int)s->e.kind, "author",
                     (json_int_t)s->e.author, "key", s->key, "body", s->raw);
}

json_t *world_event_body(const struct world *w, size_t i)
{
    return json_loads(w->events[i]->body, 0, NULL);
}

void world_settle(struct world *w)
{
    do {
        chat_flush(w->chat);
    } while (answer_oldest(w));
}

void world_pass(struct world *w, uint64_t ms)
{
    for (uint64_t end = w->now_ms + ms; w->now_ms < end;) {
        w->now_ms += 250;
        chat_clock(w->chat, w->now_ms, (int64_t)w->now_ms, (int64_t)w->now_ms);
        chat_tick(w->chat);
        world_settle(w);
    }
}

void world_destroy(struct world **world)
{
    struct world *w = *world;
    world_settle(w);
    chat_destroy(&w->chat);
    log_destroy(w);
    free(w);
    *world = NULL;
}

int world_begin(void **state)
{
    *state = world_create();
    return 0;
}

int world_finish(void **state)
{
    struct world *w = *state;
    world_destroy(&w);
    return 0;
}

/* --- frames --------------------------------------------------------------------------------- */

const char *text_of(json_t *frame, const char *name)
{
    const char *text = json_string_value(json_object_get(frame, name));
    return text == NULL ? "" : text;
}

json_int_t number_of(json_t *frame, const char *name)
{
    return json_integer_value(json_object_get(frame, name));
}

bool is_true(json_t *frame, const char *name)
{
    const json_t *value = json_object_get(frame, name);
    return json_is_true(value);
}

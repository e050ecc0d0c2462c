/* room.c - see room.h. */
#include "room.h"

#include "journal.h"
#include "model.h"

#include "chat/base/json.h"
#include "chat/base/nick.h"
#include "chat/base/seen.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW_IDLE_MS ((uint64_t)60 * 1000) /* without events: free the window */
#define EMPTY_MS       10000                 /* without members: stop following the log */
#define DAY_MS         ((int64_t)24 * 60 * 60 * 1000)

static int by_name(const void *a, const void *b) { return strcmp(a, b); }

struct room *room_find(const struct chat *chat, const char *name)
{
    struct room **found = tfind(name, &chat->rooms_by_name, by_name);
    return found == NULL ? NULL : *found;
}

struct room *room_find_titled(const struct chat *chat, const char *title, const char *except)
{
    struct nick keys;
    if (nick_of_title(chat->nicks, title, &keys) != OK)
        return NULL;
    list_each(l, next, &chat->rooms)
    {
        struct room *r = list_entry(l, struct room, in_chat);
        if ((nick_has_key(&keys, r->skeleton) || nick_has_key(&keys, r->look)) &&
            strcmp(r->name, except) != 0)
            return r;
    }
    return NULL;
}

/* The form of all that a search looks through. */
static char *make_words(const struct room_seed *seed)
{
    char *all = NULL, *words = NULL;
    if (asprintf(&all, "%s %s %s", seed->name, seed->title, seed->topic) >= 0) {
        words = seen_form(all, true);
        free(all);
    }
    return words;
}

static void replace(char **text, char *with)
{
    free(*text);
    *text = with;
}

static bool copy_words(struct room *r, const struct chat *chat, const struct room_seed *seed)
{
    struct nick keys = {0};
    nick_of_title(chat->nicks, seed->title, &keys);
    struct {
        char **of, *with;
    } words[] = {{&r->title, strdup(seed->title)},
                 {&r->topic, strdup(seed->topic)},
                 {&r->skeleton, strdup(keys.skeleton)},
                 {&r->look, strdup(keys.look)},
                 {&r->words, make_words(seed)}};
    const size_t count = sizeof words / sizeof *words;
    bool whole = true;
    for (size_t i = 0; i < count; i++)
        whole &= words[i].with != NULL;
    for (size_t i = 0; i < count; i++)
        if (whole)
            replace(words[i].of, words[i].with);
        else
            free(words[i].with);
    if (whole)
        r->post = seed->post;
    return whole;
}

static void free_words(struct room *r)
{
    free(r->title);
    free(r->topic);
    free(r->skeleton);
    free(r->look);
    free(r->words);
    free(r->log);
    free(r->before);
    free(r);
}

/* Events come in the order of their times, or nearly: the place is at the end, or near it. */
static void place_by_time(struct room *r, int64_t at_ms)
{
    struct list *recent = &r->chat->recent, *before;
    r->last_at_ms = event_time(at_ms, r->last_at_ms);
    list_remove(&r->in_recent);
    for (before = recent->prev; before != recent; before = before->prev)
        if (list_entry(before, struct room, in_recent)->last_at_ms <= r->last_at_ms)
            break;
    list_add(before->next, &r->in_recent);
}

static void init(struct room *r, struct chat *chat, const struct room_seed *seed)
{
    strncpy(r->name, seed->name, sizeof r->name - 1);
    r->chat = chat;
    r->life = seed->life;
    r->creator = seed->creator;
    r->last = seed->last;
    window_init(&r->window, seed->last);
    list_init(&r->in_dirty);
    list_init(&r->members);
    list_init(&r->people);
    list_init(&r->changed);
    list_init(&r->in_telling);
    list_init(&r->in_recent);
    list_init(&r->standings);
    list_init(&r->due_polls);
}

int64_t room_old_ms(const struct room *r)
{
    return r->last_at_ms + r->chat->config->limits.room_days * DAY_MS;
}

/* Without memory the room stays until the next start. */
static void begin_aging(struct room *r)
{
    if (r->creator != 0 && r->chat->config->limits.room_days > 0)
        heap_add(&r->chat->aging, &r->in_aging, room_old_ms(r));
}

struct room *room_create(struct chat *chat, const struct room_seed *seed)
{
    struct room *r = calloc(1, sizeof *r);
    if (r == NULL)
        return NULL;
    r->log = strdup(seed->log);
    r->before = seed->before == NULL ? NULL : strdup(seed->before);
    if (r->log == NULL || !copy_words(r, chat, seed))
        goto no_memory;
    init(r, chat, seed);
    if (tsearch(r, &chat->rooms_by_name, by_name) == NULL)
        goto no_memory;
    list_add(&chat->rooms, &r->in_chat);
    chat->room_count++;
    place_by_time(r, seed->last_at_ms);
    begin_aging(r);
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
    tdelete(r, &r->chat->rooms_by_name, by_name);
    list_remove(&r->in_chat);
    list_remove(&r->in_dirty);
    list_remove(&r->in_telling);
    list_remove(&r->in_recent);
    heap_remove(&r->chat->aging, &r->in_aging);
    r->chat->room_count--;
    window_finish(&r->window);
    bytes_finish(&r->pins);
    free_words(r);
    *room = NULL;
}

void room_log_name(const struct room *r, char name[LOG_NAME_MAX + 1 + BRANCH_MAX + 1])
{
    const char *branch = r->chat->branch;
    snprintf(name, LOG_NAME_MAX + 1 + BRANCH_MAX + 1, "%.*s%s%s", LOG_NAME_MAX, r->log,
             branch[0] == '\0' ? "" : ".", branch);
}

char *room_words(const struct room_seed *seed)
{
    char *words = NULL;
    return asprintf(&words, "%s\n%s\n%d", seed->title, seed->topic, (int)seed->post) < 0 ? NULL
                                                                                         : words;
}

bool room_is_as(const struct room *r, const struct room_seed *seed)
{
    char *words = room_words(seed);
    bool was = r->before != NULL && words != NULL && strcmp(r->before, words) == 0;
    free(words);
    return was || (r->before == NULL && strcmp(r->title, seed->title) == 0 &&
                   strcmp(r->topic, seed->topic) == 0 && r->post == seed->post);
}

/* --- events --------------------------------------------------------------------------------- */

/* NULL: no memory, or the body names no title or topic. */
static struct room *apply_room(struct chat *chat, const struct event *e, const json_t *body)
{
    char log[LOG_NAME_MAX + 1];
    event_log_name(e, log);
    struct room_seed seed = {.name = field_string(body, "room"),
                             .title = field_string(body, "title"),
                             .topic = field_string(body, "topic"),
                             .post = role_of(field_string(body, "post")),
                             .log = log,
                             .last_at_ms = e->at_ms,
                             .life = (uint64_t)field_int(body, "life", 0),
                             .creator = e->author};
    if (seed.name == NULL || seed.title == NULL || seed.topic == NULL)
        return NULL;
    struct room *r = room_find(chat, seed.name);
    if (r == NULL)
        return room_create(chat, &seed);
    if (e->author == 0 && copy_words(r, chat, &seed))
        replace(&r->before, NULL);
    return r;
}

static struct room *apply_rule(struct chat *chat, const struct event *e, const json_t *body)
{
    const char *name = field_string(body, "room");
    struct room *r = name == NULL ? NULL : room_find(chat, name);
    if (r == NULL)
        return NULL;
    struct room_seed seed = {
        .name = r->name, .title = r->title, .topic = r->topic, .post = r->post};
    if (r->before == NULL)
        r->before = room_words(&seed);
    if (e->kind == EVENT_POST) {
        r->post = role_of(field_string(body, "who"));
        return r;
    }
    seed.title = field_string(body, "title");
    seed.topic = field_string(body, "topic");
    return copy_words(r, chat, &seed) ? r : NULL;
}

struct room *room_apply(struct chat *chat, const struct event *e)
{
    bool creates = e->kind == EVENT_ROOM;
    bool rules = event_traits(e->kind)->class == CLASS_RULE && strcmp(e->room, SERVER_LOG) == 0;
    if (!creates && !rules)
        return NULL;
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    struct room *r = creates ? apply_room(chat, e, body) : apply_rule(chat, e, body);
    json_decref(body);
    return r;
}

void room_make_dirty(struct room *r)
{
    if (list_empty(&r->in_dirty))
        list_add(&r->chat->dirty_rooms, &r->in_dirty);
}

/* Without memory for the frame the window stays empty: members read the event from the archive. */
static void add_to_window(struct window *w, const struct event *e, const struct bytes *frame)
{
    const struct event_traits *traits = event_traits(e->kind);
    const uint64_t of = traits->class == CLASS_ACT ? 0 : e->of; /* an identity is no item */
    const uint64_t place = event_place(e);
    if (traits->purges)
        window_clear(w);
    if (frame->failed) {
        window_clear(w);
        w->floor = e->seq;
        w->base++;
        return;
    }
    if (place != 0)
        window_supersede(w, place);
    window_append(w, e->seq, of, frame->at, frame->size);
    window_mark_place(w, place);
    if (traits->redacts)
        window_redact(w, of);
}

void room_append(struct room *r, const struct event *e)
{
    if (event_traits(e->kind)->class == CLASS_VOID) {
        r->last = e->seq > r->last ? e->seq : r->last;
        return;
    }
    struct bytes frame = {0};
    event_frame(&frame, e);
    r->last = e->seq;
    r->busy_ms = r->chat->now_ms;
    place_by_time(r, e->at_ms);
    add_to_window(&r->window, e, &frame);
    bytes_finish(&frame);
    room_make_dirty(r);
}

/* --- rest ----------------------------------------------------------------------------------- */

void room_rest(struct room *r)
{
    if (r->window.capacity > 0 && r->busy_ms + WINDOW_IDLE_MS < r->chat->now_ms)
        window_clear(&r->window);
}

bool room_may_have(const struct room *r, uint64_t seq)
{
    const struct chat_config *config = r->chat->config;
    return seq <= r->last || (config->journal_ops->may_exist != NULL &&
                              config->journal_ops->may_exist(config->journal, r->name, seq));
}

bool room_follow(struct room *r, uint64_t seq, void (*done)(void *arg), void *arg)
{
    const struct chat_config *config = r->chat->config;
    r->followed = true;
    r->left_ms = r->chat->now_ms;
    return config->journal_ops->follow == NULL ||
           config->journal_ops->follow(config->journal, r->name, seq, done, arg);
}

void room_unfollow_if_empty(struct room *r)
{
    const struct chat_config *config = r->chat->config;
    if (!r->followed || r->member_count > 0 || r->left_ms + EMPTY_MS >= r->chat->now_ms)
        return;
    r->followed = config->journal_ops->unfollow != NULL &&
                  !config->journal_ops->unfollow(config->journal, r->name);
}

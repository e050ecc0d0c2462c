/* world_log.c - see world_log.h. */
#include "world_log.h"

#include "chat/base/item.h"
#include "chat/base/json.h"

#include <stdlib.h>
#include <string.h>

struct stored *log_find(const struct world *w, const char *room, uint64_t seq)
{
    for (size_t i = 0; i < w->event_count; i++)
        if (w->events[i]->e.seq == seq && strcmp(w->events[i]->room, room) == 0)
            return w->events[i];
    return NULL;
}

struct stored *log_find_key(const struct world *w, uint64_t author, const char *key)
{
    for (size_t i = 0; key != NULL && i < w->event_count; i++)
        if (w->events[i]->e.author == author && w->events[i]->key != NULL &&
            strcmp(w->events[i]->key, key) == 0)
            return w->events[i];
    return NULL;
}

static uint64_t last_of(const struct world *w, const char *room)
{
    uint64_t last = 0;
    for (size_t i = 0; i < w->event_count; i++)
        if (strcmp(w->events[i]->room, room) == 0)
            last = w->events[i]->e.seq;
    return last;
}

static void fold(struct world *w, const struct stored *s)
{
    struct stored *item = log_find(w, s->room, s->e.of);
    if (item == NULL || (s->e.kind != EVENT_EDIT && s->e.kind != EVENT_DELETE))
        return;
    char *patch = s->e.kind == EVENT_DELETE ? item_deleted() : item_edited(item->patch, &s->e);
    free(item->patch);
    item->patch = patch;
}

/* --- polls ---------------------------------------------------------------------------------- */

static bool is_vote(const struct event *e)
{
    return e->kind == EVENT_VOTE || e->kind == EVENT_BALLOT;
}

bool log_poll_is_closed(const struct world *w, const char *room, uint64_t poll)
{
    for (size_t i = 0; i < w->event_count; i++)
        if (w->events[i]->e.kind == EVENT_POLL_CLOSED && w->events[i]->e.of == poll &&
            strcmp(w->events[i]->room, room) == 0)
            return true;
    return false;
}

/* Whether this is the newest vote of its author in its poll. */
static bool stands(const struct world *w, size_t at)
{
    const struct stored *s = w->events[at];
    for (size_t i = at + 1; i < w->event_count; i++)
        if (is_vote(&w->events[i]->e) && w->events[i]->e.of == s->e.of &&
            w->events[i]->e.author == s->e.author)
            return false;
    return true;
}

static json_t *tally(const struct world *w, const char *room, uint64_t poll, size_t options)
{
    json_int_t voters = 0, counts[LIST_MAX] = {0};
    for (size_t i = 0; i < w->event_count; i++) {
        const struct stored *s = w->events[i];
        if (!is_vote(&s->e) || s->e.of != poll || strcmp(s->room, room) != 0 || !stands(w, i))
            continue;
        json_t *choices = json_object_get(s->raw, "choices"), *c;
        size_t k;
        voters += json_array_size(choices) > 0;
        json_array_foreach(choices, k, c) counts[json_integer_value(c)]++;
    }
    json_t *list = json_array();
    for (size_t i = 0; i < options; i++)
        json_array_append_new(list, json_integer(counts[i]));
    return json_pack("{s:I, s:I, s:o}", "poll", (json_int_t)poll, "voters", voters, "counts", list);
}

/* The members that the store adds to a vote and to a poll_closed. */
static void judge(struct world *w, struct stored *s)
{
    bool end = s->e.kind == EVENT_POLL_CLOSED;
    if (!end && !is_vote(&s->e))
        return;
    json_t *about = json_loads(log_find(w, s->room, s->e.of)->body, 0, NULL);
    json_t *now = tally(w, s->room, s->e.of, json_array_size(json_object_get(about, "options")));
    if (!end && strcmp(text_of(about, "results"), "live") != 0)
        json_object_del(now, "counts");
    if (s->e.kind == EVENT_VOTE) {
        json_object_set(now, "from", json_object_get(s->raw, "from"));
        json_object_set(now, "choices", json_object_get(s->raw, "choices"));
    }
    free(s->body);
    s->e.body = s->body = json_dumps(now, JSON_COMPACT);
    s->e.body_bytes = strlen(s->body);
    json_decref(about);
    json_decref(now);
}

/* --- adding --------------------------------------------------------------------------------- */

struct stored *log_add(struct world *w, const struct event *e)
{
    struct stored *s = calloc(1, sizeof *s);
    s->e = *e;
    s->hash = event_hash(e);
    s->e.seq = last_of(w, e->room) + 1;
    s->e.at_ms = s->e.wall_ms = (int64_t)w->now_ms;
    s->e.room = s->room = strdup(e->room);
    s->e.key = s->key = e->key == NULL ? NULL : strdup(e->key);
    s->e.body = s->body = strndup(e->body, e->body_bytes);
    s->raw = json_loadb(e->body, e->body_bytes, 0, NULL);
    fold(w, s);
    w->events[w->event_count++] = s;
    judge(w, s);
    return s;
}

void log_destroy(struct world *w)
{
    for (size_t i = 0; i < w->event_count; i++) {
        free(w->events[i]->room);
        free(w->events[i]->key);
        free(w->events[i]->body);
        free(w->events[i]->patch);
        json_decref(w->events[i]->raw);
        free(w->events[i]);
    }
}

/* stream.c - see stream.h. */
#include "stream.h"

#include "log.h"
#include "soon.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- by name -------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b) { return strcmp(a, b); }

struct stream *stream_find(const struct journal *j, const char *name)
{
    struct stream **found = tfind(name, &j->by_name, by_name);
    return found == NULL ? NULL : *found;
}

struct stream *stream_at(const struct journal *j, const char *place)
{
    char name[ROOM_NAME_MAX + 1];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(place, "."), place);
    struct stream *s = stream_find(j, name);
    return s != NULL && strcmp(s->place, place) == 0 ? s : NULL;
}

struct stream *stream_create(struct journal *j, const char *name, uint64_t life)
{
    struct stream *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    strncpy(s->name, name, sizeof s->name - 1);
    s->life = life;
    key_place(name, life, s->place);
    s->journal = j;
    list_init(&s->in_behind);
    list_init(&s->held);
    list_init(&s->awaited);
    list_init(&s->followers);
    if (tsearch(s, &j->by_name, by_name) == NULL) {
        free(s);
        return NULL;
    }
    list_add(&j->streams, &s->in_all);
    return s;
}

void stream_end(struct stream *s, uint64_t by)
{
    struct journal *j = s->journal;
    tdelete(s, &j->by_name, by_name);
    list_remove(&s->in_behind);
    list_remove(&s->in_all);
    list_add(&j->gone, &s->in_all);
    s->gone_at = by;
    soon_now(j);
}

static void destroy(struct list *streams)
{
    list_each(i, n, streams)
    {
        struct stream *s = list_entry(i, struct stream, in_all);
        list_remove(&s->in_behind);
        list_remove(&s->in_all);
        if (!stream_has_ended(s))
            tdelete(s, &s->journal->by_name, by_name);
        free(s);
    }
}

void stream_destroy_all(struct journal *j)
{
    destroy(&j->streams);
    destroy(&j->gone);
    destroy(&j->cleared);
}

/* --- state ---------------------------------------------------------------------------------- */

#define TO(state) (1U << STREAM_##state)

/* clang-format off */
static const struct {
    const char *name;
    unsigned next;
} states[] = {
    [STREAM_QUIET]     = { "quiet",     TO(JOINING) },
    [STREAM_LEAVING]   = { "leaving",   TO(QUIET) | TO(RETURNING) },
    [STREAM_RETURNING] = { "returning", TO(JOINING) },
    [STREAM_JOINING]   = { "joining",   TO(HEARD) | TO(QUIET) },
    [STREAM_HEARD]     = { "heard",     TO(LIVE) | TO(JOINING) | TO(LEAVING) },
    [STREAM_LIVE]      = { "live",      TO(HEARD) | TO(JOINING) | TO(LEAVING) },
};
/* clang-format on */

void stream_move(struct stream *s, enum stream_state state)
{
    if (s->state == state)
        return;
    if ((states[s->state].next & 1U << state) == 0)
        log_error("redis room=%s: a stream must not go from %s to %s", s->name,
                  states[s->state].name, states[state].name);
    log_debug("redis room=%s stream=%s", s->name[0] == '\0' ? "*" : s->name, states[state].name);
    s->state = state;
}

void stream_end_live(struct stream *s)
{
    if (s->state == STREAM_LIVE)
        stream_move(s, STREAM_HEARD);
}

/* --- numbers --------------------------------------------------------------------------------- */

uint64_t stream_next(const struct stream *s)
{
    bool has_begun = s->taken > 0 && seq_gen(s->taken) == s->gen;
    return has_begun ? s->taken + 1 : seq_first(s->gen);
}

void stream_behind(struct stream *s)
{
    if (list_empty(&s->in_behind))
        list_add(&s->journal->behind, &s->in_behind);
    soon_later(s->journal);
}

void stream_expect(struct stream *s, uint64_t seq)
{
    if (seq > s->want)
        s->want = seq;
    if (s->want > s->taken)
        stream_behind(s);
}

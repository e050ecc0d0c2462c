/* redis_log.c - one log in order: what comes by its channel, what is held back, and who waits for
 * it. See redis_inside.h. */
#include "private.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#define HELD_MAX 1000 /* the stream has what is more */

/* An event that came out of turn; its strings lie behind it. */
struct held {
    struct list in_log;
    struct event e;
    char key[ID_MAX + 1];
};

/* Somebody who joins, and waits until the log is as new as it can be. */
struct follower {
    struct list in_log;
    uint64_t seq; /* to be copied first; 0: the log is not live yet */
    void (*done)(void *arg);
    void *arg;
};

static int by_name(const void *a, const void *b) { return strcmp(a, b); }

void stream_behind(struct stream *s)
{
    if (list_empty(&s->in_behind))
        list_add(&s->journal->behind, &s->in_behind);
    journal_soon(s->journal);
}

/* The number that comes next, if the stream has not gone on to another generation. */
uint64_t stream_next(const struct stream *s)
{
    bool begun = s->taken > 0 && seq_gen(s->taken) == s->gen;
    return begun ? s->taken + 1 : seq_first(s->gen);
}

/* --- who waits ------------------------------------------------------------------------------ */

void stream_release(struct stream *s, uint64_t copied)
{
    list_each(i, n, &s->followers)
    {
        struct follower *f = list_entry(i, struct follower, in_log);
        if (f->seq == 0 && s->live)
            f->seq = s->taken + 1;
        if (f->seq == 0 || f->seq - 1 > copied)
            continue;
        list_remove(&f->in_log);
        f->done(f->arg);
        free(f);
    }
}

void stream_release_followers(struct stream *s)
{
    list_each(i, n, &s->followers) list_entry(i, struct follower, in_log)->seq = 1;
    stream_release(s, UINT64_MAX);
}

bool journal_follow(struct journal *j, const char *room, void (*done)(void *arg), void *arg)
{
    struct stream *s = stream_of(j, room);
    if (s == NULL || s->live)
        return true;
    bool first = !s->wanted, hopeless = j->stage < STAGE_SEALING || !redis_link_is_up(j->hear) ||
                                        store_fault(j->config->store) != NULL;
    s->wanted = true;
    if (first && !s->leaving) /* whatever else is away: else nobody would, when it is back */
        bus_subscribe(j, &s, 1);
    struct follower *f = hopeless ? NULL : calloc(1, sizeof *f);
    if (f == NULL)
        return true; /* with what there is */
    f->done = done;
    f->arg = arg;
    list_add(&s->followers, &f->in_log);
    if (!first)
        stream_read(s);
    return false;
}

/* What is said there meanwhile is read when its newest number is compared, or by who comes next. */
void journal_unfollow(struct journal *j, const char *room)
{
    struct stream *s = stream_find(j, room);
    if (s == NULL || !s->wanted || !s->hearing || s == j->server)
        return;
    s->wanted = s->hearing = s->live = false;
    s->leaving = bus_unsubscribe(j, s);
}

void stream_left(struct stream *s)
{
    s->leaving = false;
    if (s->wanted) /* somebody has come meanwhile */
        bus_subscribe(s->journal, &s, 1);
}

/* --- held back ------------------------------------------------------------------------------ */

static void hold(struct stream *s, const struct event *e)
{
    size_t key = e->key == NULL ? 0 : strlen(e->key) + 1;
    struct held *h = s->held_count >= HELD_MAX ? NULL : malloc(sizeof *h + e->body_bytes + 1);
    if (h == NULL)
        return; /* the stream has it */
    h->e = *e;
    h->e.room = s->name;
    h->e.key = key == 0 ? NULL : memcpy(h->key, e->key, key);
    h->e.body = memcpy(h + 1, e->body, e->body_bytes);
    s->held_count++;
    list_add(&s->held, &h->in_log);
}

static void let_go(struct stream *s, struct held *h)
{
    list_remove(&h->in_log);
    s->held_count--;
    free(h);
}

void stream_take_held(struct stream *s)
{
    list_each(i, n, &s->held)
    {
        struct held *h = list_entry(i, struct held, in_log);
        if (h->e.seq >= stream_next(s) && (h->e.seq != stream_next(s) || !stream_take(s, &h->e)))
            return;
        let_go(s, h);
    }
}

void stream_hear(struct stream *s, const struct event *e)
{
    struct journal *j = s->journal;
    if (e->seq <= s->taken)
        return;
    if (e->seq > s->want)
        s->want = e->seq;
    if (seq_gen(e->seq) > j->gen && j->stage > STAGE_FENCING)
        fence_begin(j); /* another node has met another Redis */
    if (s->live && !s->reading && list_empty(&s->held) && e->seq == stream_next(s) &&
        stream_take(s, e))
        return;
    hold(s, e);
    stream_behind(s);
}

void stream_expect(struct stream *s, uint64_t seq)
{
    if (seq > s->want)
        s->want = seq;
    if (s->want > s->taken)
        stream_behind(s);
}

/* --- hearing --------------------------------------------------------- */

void stream_deaf(struct stream *s)
{
    s->hearing = s->live = s->leaving = false;
    stream_release_followers(s);
}

void stream_heard_from(struct stream *s)
{
    s->hearing = true;
    stream_read(s);
}

/* --- all logs ------------------------------------------------------------------------------- */

struct stream *stream_find(const struct journal *j, const char *name)
{
    struct stream **found = tfind(name, &j->by_name, by_name);
    return found == NULL ? NULL : *found;
}

struct stream *stream_of(struct journal *j, const char *name)
{
    struct stream *known = stream_find(j, name), *s = known == NULL ? calloc(1, sizeof *s) : NULL;
    if (s == NULL)
        return known;
    strncpy(s->name, name, sizeof s->name - 1);
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

void stream_destroy_all(struct journal *j)
{
    list_each(i, n, &j->streams)
    {
        struct stream *s = list_entry(i, struct stream, in_all);
        list_each(h, n2, &s->held) let_go(s, list_entry(h, struct held, in_log));
        list_remove(&s->in_behind);
        list_remove(&s->in_all);
        tdelete(s, &j->by_name, by_name);
        free(s);
    }
}

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

void log_behind(struct log *l)
{
    if (list_empty(&l->in_behind))
        list_add(&l->journal->behind, &l->in_behind);
    journal_soon(l->journal);
}

/* The number that comes next, if the stream has not gone on to another generation. */
uint64_t log_next(const struct log *l)
{
    bool begun = l->taken > 0 && seq_gen(l->taken) == l->gen;
    return begun ? l->taken + 1 : seq_first(l->gen);
}

/* --- who waits ------------------------------------------------------------------------------ */

void log_release(struct log *l, uint64_t copied)
{
    list_each(i, n, &l->followers)
    {
        struct follower *f = list_entry(i, struct follower, in_log);
        if (f->seq == 0 && l->live)
            f->seq = l->taken + 1;
        if (f->seq == 0 || f->seq - 1 > copied)
            continue;
        list_remove(&f->in_log);
        f->done(f->arg);
        free(f);
    }
}

void log_release_followers(struct log *l)
{
    list_each(i, n, &l->followers) list_entry(i, struct follower, in_log)->seq = 1;
    log_release(l, UINT64_MAX);
}

bool journal_follow(struct journal *j, const char *room, void (*done)(void *arg), void *arg)
{
    struct log *l = log_of(j, room);
    if (l == NULL || l->live)
        return true;
    bool first = !l->wanted, hopeless = j->stage < STAGE_SEALING || !redis_link_is_up(j->hear) ||
                                        store_fault(j->config->store) != NULL;
    l->wanted = true;
    if (first && !l->leaving) /* whatever else is away: else nobody would, when it is back */
        bus_subscribe(j, &l, 1);
    struct follower *f = hopeless ? NULL : calloc(1, sizeof *f);
    if (f == NULL)
        return true; /* with what there is */
    f->done = done;
    f->arg = arg;
    list_add(&l->followers, &f->in_log);
    if (!first)
        log_read(l);
    return false;
}

/* What is said there meanwhile is read when its newest number is compared, or by who comes next. */
void journal_unfollow(struct journal *j, const char *room)
{
    struct log *l = log_find(j, room);
    if (l == NULL || !l->wanted || !l->hearing || l == j->server)
        return;
    l->wanted = l->hearing = l->live = false;
    l->leaving = bus_unsubscribe(j, l);
}

void log_left(struct log *l)
{
    l->leaving = false;
    if (l->wanted) /* somebody has come meanwhile */
        bus_subscribe(l->journal, &l, 1);
}

/* --- held back ------------------------------------------------------------------------------ */

static void hold(struct log *l, const struct event *e)
{
    size_t key = e->key == NULL ? 0 : strlen(e->key) + 1;
    struct held *h = l->held_count >= HELD_MAX ? NULL : malloc(sizeof *h + e->body_bytes + 1);
    if (h == NULL)
        return; /* the stream has it */
    h->e = *e;
    h->e.room = l->name;
    h->e.key = key == 0 ? NULL : memcpy(h->key, e->key, key);
    h->e.body = memcpy(h + 1, e->body, e->body_bytes);
    l->held_count++;
    list_add(&l->held, &h->in_log);
}

static void let_go(struct log *l, struct held *h)
{
    list_remove(&h->in_log);
    l->held_count--;
    free(h);
}

void log_take_held(struct log *l)
{
    list_each(i, n, &l->held)
    {
        struct held *h = list_entry(i, struct held, in_log);
        if (h->e.seq >= log_next(l) && (h->e.seq != log_next(l) || !log_take(l, &h->e)))
            return;
        let_go(l, h);
    }
}

void log_hear(struct log *l, const struct event *e)
{
    struct journal *j = l->journal;
    if (e->seq <= l->taken)
        return;
    if (e->seq > l->want)
        l->want = e->seq;
    if (seq_gen(e->seq) > j->gen && j->stage > STAGE_FENCING)
        fence_begin(j); /* another node has met another Redis */
    if (l->live && !l->reading && list_empty(&l->held) && e->seq == log_next(l) && log_take(l, e))
        return;
    hold(l, e);
    log_behind(l);
}

void log_expect(struct log *l, uint64_t seq)
{
    if (seq > l->want)
        l->want = seq;
    if (l->want > l->taken)
        log_behind(l);
}

/* --- hearing --------------------------------------------------------- */

void log_deaf(struct log *l)
{
    l->hearing = l->live = l->leaving = false;
    log_release_followers(l);
}

void log_heard_from(struct log *l)
{
    l->hearing = true;
    log_read(l);
}

/* --- all logs ------------------------------------------------------------------------------- */

struct log *log_find(const struct journal *j, const char *name)
{
    struct log **found = tfind(name, &j->by_name, by_name);
    return found == NULL ? NULL : *found;
}

struct log *log_of(struct journal *j, const char *name)
{
    struct log *known = log_find(j, name), *l = known == NULL ? calloc(1, sizeof *l) : NULL;
    if (l == NULL)
        return known;
    strncpy(l->name, name, sizeof l->name - 1);
    l->journal = j;
    list_init(&l->in_behind);
    list_init(&l->held);
    list_init(&l->awaited);
    list_init(&l->followers);
    if (tsearch(l, &j->by_name, by_name) == NULL) {
        free(l);
        return NULL;
    }
    list_add(&j->logs, &l->in_all);
    return l;
}

void log_destroy_all(struct journal *j)
{
    list_each(i, n, &j->logs)
    {
        struct log *l = list_entry(i, struct log, in_all);
        list_each(h, n2, &l->held) let_go(l, list_entry(h, struct held, in_log));
        list_remove(&l->in_behind);
        list_remove(&l->in_all);
        tdelete(l, &j->by_name, by_name);
        free(l);
    }
}

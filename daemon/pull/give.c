/* give.c - see give.h. */
#include "give.h"

#include "photo/view.h"

#include "chat/chat.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define QUEUE_MAX 64   /* photos; a node that wants another one asks again */
#define AT_ONCE   4    /* a taker that takes nothing must not hold up all others */
#define GIVEN_MS  8000 /* for the takers; the claim lasts longer */
_Static_assert(GIVEN_MS < GIVER_S * 1000, "another node must not begin meanwhile");

static void begin_next(struct pull *p);

static void destroy(struct give *g)
{
    view_close(&g->view);
    list_remove(&g->in_queue);
    g->pull->gives_count--;
    free(g);
}

/* Removes it from the queue and from Redis, and goes on with the next one. */
static void end(struct give *g)
{
    struct pull *p = g->pull;
    redis_photo_remove(p->config->journal, g->name, g->first, g->end - g->first, g->claimed);
    destroy(g);
    begin_next(p);
}

/* --- who takes it --------------------------------------------------------------------------- */

static struct taker *find_taker(struct give *g, const char *boot)
{
    for (size_t i = 0; i < g->takers_count; i++)
        if (strcmp(g->takers[i].boot, boot) == 0)
            return &g->takers[i];
    return NULL;
}

/* Drops takers that have all (of a photo that is QUEUED: any piece, from another node), or those
 * that are late with what is in Redis. */
static void drop_takers(struct give *g, bool late)
{
    unsigned all = g->state == GIVE_QUEUED ? 1 : g->count;
    size_t n = 0;
    for (size_t i = 0; i < g->takers_count; i++) {
        const struct taker *t = &g->takers[i];
        bool drop = late ? t->end < g->end : t->end >= all;
        if (!drop)
            g->takers[n++] = *t;
    }
    g->takers_count = n;
}

static bool is_taken(const struct give *g)
{
    for (size_t i = 0; i < g->takers_count; i++)
        if (g->takers[i].end < g->end)
            return false;
    return true;
}

/* --- pieces --------------------------------------------------------------------------------- */

static void on_read(void *arg, enum shelf_fault fault);

static void read_next(struct give *g)
{
    g->state = GIVE_PUTTING;
    view_read(g->view, on_read, g);
}

static void tell_given(struct give *g)
{
    chat_tell_photo(g->pull->chat, "give", g->name, g->first, g->end);
}

/* GIVEN: all pieces in Redis are taken, or their time is over. */
static void go_on(struct give *g)
{
    drop_takers(g, false);
    if (g->takers_count == 0 || g->end == g->count) {
        end(g);
        return;
    }
    redis_photo_remove(g->pull->config->journal, g->name, g->first, g->end - g->first, false);
    redis_photo_claim_again(g->pull->config->journal, g->name);
    g->first = g->end;
    read_next(g);
}

static void on_put(void *arg, bool good)
{
    struct give *g = arg;
    if (g->pull->ending)
        return;
    g->end++;
    if (!good) {
        end(g);
    } else if (g->end < g->count && g->end - g->first < PIECES_AT_ONCE) {
        read_next(g);
    } else {
        g->state = GIVE_GIVEN;
        g->due_ms = g->pull->now_ms + GIVEN_MS;
        g->pull->given += g->end == g->count;
        tell_given(g);
        if (is_taken(g))
            go_on(g);
    }
}

static void put(struct give *g)
{
    size_t n;
    const char *at = view_piece(g->view, &n);
    g->state = GIVE_PUTTING;
    if (!redis_photo_put(g->pull->config->journal, g->name, g->end, at, n, on_put, g))
        end(g);
}

static void on_read(void *arg, enum shelf_fault fault)
{
    struct give *g = arg;
    if (fault == SHELF_FINE)
        put(g);
    else
        end(g);
}

static void on_claimed(void *arg, bool good)
{
    struct give *g = arg;
    if (g->pull->ending)
        return;
    g->claimed = good;
    if (good)
        put(g);
    else
        end(g);
}

static void on_opened(void *arg, enum shelf_fault fault)
{
    struct give *g = arg;
    g->state = GIVE_CLAIMING;
    if (fault == SHELF_FINE)
        g->count = pieces_of(view_size(g->view));
    if (g->count == 0 || !redis_photo_claim(g->pull->config->journal, g->name, on_claimed, g))
        end(g);
}

/* --- the queue ------------------------------------------------------------------------------ */

static void begin_give(struct give *g)
{
    g->state = GIVE_OPENING;
    g->view = view_open_here(g->pull->config->shelf, g->name, on_opened, g);
    if (g->view == NULL)
        end(g);
}

/* The first ones of the queue are given. */
static void begin_next(struct pull *p)
{
    size_t given = 0;
    list_each(l, next, &p->gives)
    {
        struct give *g = list_entry(l, struct give, in_queue);
        if (++given > AT_ONCE)
            return;
        if (g->state == GIVE_QUEUED) {
            begin_give(g); /* which may begin the next ones */
            return;
        }
    }
}

static struct give *find(const struct pull *p, const char *name)
{
    list_each(l, next, &p->gives)
    {
        struct give *g = list_entry(l, struct give, in_queue);
        if (strcmp(g->name, name) == 0)
            return g;
    }
    return NULL;
}

static struct give *create(struct pull *p, const char *name)
{
    struct give *g = p->gives_count == QUEUE_MAX ? NULL : calloc(1, sizeof *g);
    if (g == NULL)
        return NULL;
    g->pull = p;
    strcpy(g->name, name);
    list_add(&p->gives, &g->in_queue);
    p->gives_count++;
    return g;
}

static void add_taker(struct give *g, const char *boot)
{
    struct taker *t = find_taker(g, boot);
    if (t == NULL && g->takers_count < TAKERS_MAX) {
        t = &g->takers[g->takers_count++];
        strncpy(t->boot, boot, sizeof t->boot - 1);
    }
    if (t != NULL)
        t->end = 0;
}

void give_taken(struct pull *p, const char *name, const char *boot, unsigned taken_end)
{
    struct give *g = find(p, name);
    struct taker *t = g == NULL ? NULL : find_taker(g, boot);
    if (t == NULL)
        return;
    t->end = taken_end;
    if (g->state == GIVE_QUEUED)
        drop_takers(g, false); /* another node gives it */
    if (g->state == GIVE_QUEUED && g->takers_count == 0)
        end(g);
    else if (g->state == GIVE_GIVEN && is_taken(g))
        go_on(g);
}

/* A node that comes when the first pieces are taken already must ask again. */
void give_wanted(struct pull *p, const char *name, const char *boot)
{
    struct give *g = find(p, name);
    if (g == NULL)
        g = create(p, name);
    if (g == NULL)
        return;
    if (g->first > 0) {
        give_taken(p, name, boot, UINT_MAX);
        return;
    }
    add_taker(g, boot);
    if (g->state == GIVE_GIVEN)
        tell_given(g);
    begin_next(p);
}

void give_tick(struct pull *p)
{
    list_each(l, next, &p->gives)
    {
        struct give *g = list_entry(l, struct give, in_queue);
        if (g->state == GIVE_GIVEN && g->due_ms <= p->now_ms) {
            drop_takers(g, true);
            go_on(g); /* which may remove others: they have the next tick */
            return;
        }
    }
}

/* --- the end -------------------------------------------------------------------------------- */

void give_stop(struct pull *p)
{
    list_each(l, next, &p->gives) view_close(&list_entry(l, struct give, in_queue)->view);
}

void give_forget(struct pull *p)
{
    list_each(l, next, &p->gives) destroy(list_entry(l, struct give, in_queue));
}

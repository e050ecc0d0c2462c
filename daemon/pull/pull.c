/* pull.c - see pull.h. */
#include "pull.h"

#include "give.h"
#include "private.h"
#include "take.h"

#include "chat/base/metric.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

#define WANTS_MAX      1000 /* more are pulled when they are used */
#define TRIES_MAX      32   /* at once, but for photos that somebody looks at */
#define UPLOAD_MS      100  /* until an upload is on the shelf of its node */
#define PAUSE_FIRST_MS 100
#define PAUSE_MAX_MS   (10 * 60 * 1000) /* then it is pulled when it is used */
#define PATIENCE_MS    3000             /* of those who look at a photo */

/* Somebody who looks at a photo. */
struct waiter {
    struct list in_want;
    shelf_done *done;
    void *arg;
    uint64_t until_ms;
};

/* --- those who wait ------------------------------------------------------------------------- */

static void answer(struct waiter *w, enum shelf_fault fault)
{
    list_remove(&w->in_want);
    w->done(w->arg, fault);
    free(w);
}

static void answer_all(struct list *waiters, enum shelf_fault fault)
{
    list_each(l, next, waiters) answer(list_entry(l, struct waiter, in_want), fault);
}

static void answer_late(struct want *w)
{
    list_each(l, next, &w->waiters)
    {
        struct waiter *waiter = list_entry(l, struct waiter, in_want);
        if (waiter->until_ms <= w->pull->now_ms)
            answer(waiter, SHELF_AWAY);
    }
}

/* --- photos that are not here --------------------------------------------------------------- */

static struct want *find(const struct pull *p, const char *name)
{
    list_each(l, next, &p->wants)
    {
        struct want *w = list_entry(l, struct want, in_pull);
        if (strcmp(w->photo.name, name) == 0)
            return w;
    }
    return NULL;
}

static void destroy(struct want *w)
{
    take_forget(w);
    list_remove(&w->in_pull);
    w->pull->wants_count--;
    free(w);
}

static struct want *get(struct pull *p, const char *name)
{
    struct want *w = find(p, name);
    if (w != NULL || p->ending || p->wants_count == WANTS_MAX || (w = calloc(1, sizeof *w)) == NULL)
        return w;
    w->pull = p;
    w->pause_ms = PAUSE_FIRST_MS;
    w->due_ms = UINT64_MAX;
    strcpy(w->photo.name, name);
    list_init(&w->waiters);
    list_add(&p->wants, &w->in_pull);
    p->wants_count++;
    return w;
}

static void on_ended(struct want *w, enum outcome outcome)
{
    static const enum shelf_fault faults[] = {
        [OUTCOME_HERE] = SHELF_FINE, [OUTCOME_GONE] = SHELF_NO_SUCH, [OUTCOME_FAILED] = SHELF_AWAY};
    struct list waiters;
    if (outcome == OUTCOME_FAILED && w->pause_ms <= PAUSE_MAX_MS) {
        w->state = WANT_WAITING;
        w->due_ms = w->pull->now_ms + w->pause_ms;
        w->pause_ms *= 2;
        return;
    }
    list_take(&waiters, &w->waiters);
    destroy(w);
    answer_all(&waiters, faults[outcome]);
}

/* Later, if too many are tried already. */
static void try_now(struct want *w)
{
    if (w->state != WANT_WAITING)
        return;
    w->due_ms = w->pull->now_ms;
    if (w->pull->tries < TRIES_MAX || !list_empty(&w->waiters))
        take_begin(w);
}

static void named(struct pull *p, const char *photo, bool upload)
{
    struct want *w = get(p, photo);
    if (w == NULL)
        return;
    p->now_ms = uv_now(p->config->loop);
    w->pause_ms = PAUSE_FIRST_MS;
    if (!upload)
        try_now(w);
    else if (w->state == WANT_WAITING)
        w->due_ms = p->now_ms + UPLOAD_MS;
}

bool pull_fetch(void *pull, const char *name, shelf_done *done, void *arg)
{
    struct pull *p = pull;
    struct want *w = get(p, name);
    struct waiter *waiter = w == NULL ? NULL : malloc(sizeof *waiter);
    if (waiter == NULL)
        return false;
    p->now_ms = uv_now(p->config->loop);
    *waiter = (struct waiter){.done = done, .arg = arg, .until_ms = p->now_ms + PATIENCE_MS};
    list_add(&w->waiters, &waiter->in_want);
    try_now(w);
    return true;
}

/* --- words of other nodes ------------------------------------------------------------------- */

/* If this node lacks it, too, it asks now: then the photo is given to both at once. */
static void wanted(struct pull *p, const char *photo, const char *boot)
{
    struct want *w = find(p, photo);
    if (p->ending)
        return;
    give_wanted(p, photo, boot);
    if (w != NULL)
        try_now(w);
}

static void given(struct pull *p, const char *photo, unsigned first, unsigned end)
{
    struct want *w = find(p, photo);
    if (w != NULL && !p->ending)
        take_given(w, first, end);
}

static void taken(struct pull *p, const char *photo, const char *boot, unsigned end)
{
    if (!p->ending)
        give_taken(p, photo, boot, end);
}

const struct pull_ops pull_ops = {.named = named, .wanted = wanted, .given = given, .taken = taken};

/* --- life ----------------------------------------------------------------------------------- */

struct pull *pull_create(const struct pull_config *config)
{
    struct pull *p = calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    p->config = config;
    p->on_ended = on_ended;
    list_init(&p->wants);
    list_init(&p->gives);
    return p;
}

void pull_attach(struct pull *p, struct chat *chat) { p->chat = chat; }

void pull_tick(struct pull *p)
{
    p->now_ms = uv_now(p->config->loop);
    list_each(l, next, &p->wants)
    {
        struct want *w = list_entry(l, struct want, in_pull);
        answer_late(w);
        if (w->due_ms > p->now_ms)
            continue;
        if (w->state == WANT_ASKED)
            take_end(w, OUTCOME_FAILED);
        else
            try_now(w);
    }
    give_tick(p);
}

void pull_stop(struct pull *p)
{
    if (p == NULL)
        return;
    p->ending = true;
    list_each(l, next, &p->wants)
    {
        struct want *w = list_entry(l, struct want, in_pull);
        answer_all(&w->waiters, SHELF_AWAY);
        take_forget(w);
    }
    give_stop(p);
}

void pull_destroy(struct pull **pull)
{
    struct pull *p = *pull;
    *pull = NULL;
    if (p == NULL)
        return;
    list_each(l, next, &p->wants) destroy(list_entry(l, struct want, in_pull));
    give_forget(p);
    free(p);
}

void pull_metrics(const struct pull *p, struct bytes *to)
{
    metric_add_gauge(to, "photos_missing", p->wants_count);
    metric_add_counter(to, "photos_copied_total", p->copied);
    metric_add_counter(to, "photos_given_total", p->given);
    metric_add_counter(to, "photos_refused_total", p->refused);
}

/* reject.c - see reject.h. */
#include "reject.h"

#include "private.h"

#include "chat/base/metric.h"
#include "clock.h"
#include "log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PLACES   64 /* rooms and reasons; what is more shares the last one */
#define QUIET_MS 10000

/* A room and a reason. */
struct place {
    char room[ROOM_NAME_MAX + 1];
    const char *thing, *why; /* static; NULL: the place is free */
    int64_t logged_ms;       /* when its last line was logged */
    uint64_t seq;            /* of the newest that is not logged */
    unsigned unlogged;
};

struct rejects {
    atomic_uint_fast64_t events, rows;
    atomic_uint unlogged;
    pthread_mutex_t lock; /* held for what follows */
    struct place places[PLACES];
};

static const char thing_event[] = "event", thing_row[] = "row";

static void write_line(struct rejects *r, struct place *p, int64_t now)
{
    const char *room = p->room[0] == '\0' ? "*" : p->room;
    if (p->thing == thing_event)
        log_warn("store room=%s rejects %u events from outside, last seq=%" PRIu64
                 ": %s. Stored as void",
                 room, p->unlogged, p->seq, p->why);
    else
        log_error("store room=%s %u damaged rows, last seq=%" PRIu64 ": %s", room, p->unlogged,
                  p->seq, p->why);
    atomic_fetch_sub(&r->unlogged, p->unlogged);
    p->logged_ms = now;
    p->unlogged = 0;
}

static bool is_place(const struct place *p, const char *room, const char *thing, const char *why)
{
    return p->thing == thing && p->why == why && strcmp(p->room, room) == 0;
}

/* A place that has been quiet is free again. */
static struct place *find(struct rejects *r, const char *room, const char *thing, const char *why,
                          int64_t now)
{
    struct place *free_one = NULL;
    for (struct place *p = r->places; p < r->places + PLACES; p++) {
        if (is_place(p, room, thing, why))
            return p;
        bool quiet = p->thing == NULL || (p->unlogged == 0 && p->logged_ms + QUIET_MS <= now);
        if (quiet && free_one == NULL)
            free_one = p;
    }
    if (free_one == NULL)
        return &r->places[PLACES - 1];
    *free_one = (struct place){.thing = thing, .why = why};
    strncpy(free_one->room, room, sizeof free_one->room - 1);
    return free_one;
}

static void reject(struct rejects *r, const char *room, uint64_t seq, const char *thing,
                   const char *why)
{
    int64_t now = clock_now_ms();
    pthread_mutex_lock(&r->lock);
    struct place *p = find(r, room, thing, why, now);
    p->seq = seq;
    p->unlogged++;
    atomic_fetch_add(&r->unlogged, 1);
    if (p->logged_ms == 0 || p->logged_ms + QUIET_MS <= now)
        write_line(r, p, now);
    pthread_mutex_unlock(&r->lock);
}

void store_reject_event(struct store *s, const char *room, uint64_t seq, enum event_fault why)
{
    atomic_fetch_add(&s->rejects->events, 1);
    reject(s->rejects, room, seq, thing_event, event_fault_words(why));
}

void store_reject_row(struct store *s, const char *room, uint64_t seq, const char *what)
{
    atomic_fetch_add(&s->rejects->rows, 1);
    reject(s->rejects, room, seq, thing_row, what);
}

/* `quiet_ms`: how long a place must have been quiet. */
static void log_sums(struct rejects *r, int64_t quiet_ms)
{
    int64_t now = clock_now_ms();
    if (atomic_load(&r->unlogged) == 0)
        return;
    pthread_mutex_lock(&r->lock);
    for (struct place *p = r->places; p < r->places + PLACES; p++)
        if (p->unlogged > 0 && p->logged_ms + quiet_ms <= now)
            write_line(r, p, now);
    pthread_mutex_unlock(&r->lock);
}

void store_rejects_tick(struct store *s) { log_sums(s->rejects, QUIET_MS); }

struct rejects *store_rejects_create(void)
{
    struct rejects *r = calloc(1, sizeof *r);
    if (r != NULL)
        pthread_mutex_init(&r->lock, NULL);
    return r;
}

void store_rejects_destroy(struct rejects **rejects)
{
    struct rejects *r = *rejects;
    if (r == NULL)
        return;
    log_sums(r, 0);
    pthread_mutex_destroy(&r->lock);
    free(r);
    *rejects = NULL;
}

void store_rejects_add_metrics(const struct store *s, struct bytes *to)
{
    metric_add_counter(to, "events_rejected_total", atomic_load(&s->rejects->events));
    metric_add_counter(to, "rows_damaged_total", atomic_load(&s->rejects->rows));
}

/* askers.c - the scenario about what questions cost others: askers, and ballots, which fills its
 * room. One scenario in each process. Uses client.h and command.h only. */
#define _GNU_SOURCE
#include <err.h>
#include <stdint.h>
#include <stdlib.h>

#include "command.h"
#include "scenario.h"

/* ---- ballots: fills a room with polls of many votes, for askers ---- */

#define VOTERS_AT_ONCE 50 /* each vote goes to all members */

/* Their numbers, a new array. */
static uint64_t *create_polls(struct fleet *f, unsigned count)
{
    uint64_t *polls = calloc(count, sizeof *polls);

    if (polls == NULL)
        err(1, "polls");
    for (unsigned i = 0; i < count; i++) {
        f->poll = 0;
        command_poll(f, &f->clients[0], false, 0);
        while (f->poll == 0 || f->oks == i)
            fleet_turn(f, 1000);
        polls[i] = f->poll;
    }
    return polls;
}

void run_ballots(const struct options *o)
{
    struct room room = {.name = "polls"};
    uint64_t *polls;
    struct fleet f;

    fleet_init(&f, o->port, o->nick_prefix, 1 + o->members, o->text_bytes);
    fleet_open(&f, 0, 1, 1, &room, 1);
    polls = create_polls(&f, o->polls);
    client_close(&f, &f.clients[0]);
    for (size_t first = 1, n; first < f.count; first += n) {
        n = f.count - first < VOTERS_AT_ONCE ? f.count - first : VOTERS_AT_ONCE;
        fleet_open(&f, first, n, n, &room, 1);
        for (unsigned i = 0; i < o->polls; i++) {
            const size_t want = f.oks + n;

            f.poll = polls[i];
            for (size_t k = first; k < first + n; k++)
                command_vote(&f, &f.clients[k]);
            while (f.oks < want)
                fleet_turn(&f, 1000);
        }
        for (size_t k = first; k < first + n; k++)
            client_close(&f, &f.clients[k]);
    }
    report("ballots", (double)(f.oks - o->polls));
    free(polls);
    finish(&f, &room);
}

/* ---- askers: others join while many ask for pages with polls ---- */

#define JOIN_EVERY_MS 500 /* of each of the others: less than the limits allow */
#define PAGE_ITEMS    50

enum turn { TURN_READY, TURN_ASKED };

struct askers {
    enum turn *turns;     /* of each client */
    uint64_t *at_ns;      /* of each client: when it asks or joins next, or has done so */
    size_t joiners;       /* the first clients */
    struct samples times; /* of joins */
    size_t pages, items, limited;
};

static void take_page(struct fleet *f, struct client *c, size_t items)
{
    struct askers *a = f->scenario;

    a->pages++;
    a->items += items;
    a->turns[c->number] = TURN_READY;
}

static void wait_for_limit(struct fleet *f, struct client *c, double wait_seconds)
{
    struct askers *a = f->scenario;

    if (c->number < a->joiners)
        errx(1, "askers: the limit of one who joins");
    a->limited++;
    a->turns[c->number] = TURN_READY;
    a->at_ns[c->number] = meter_now_ns() + (uint64_t)(wait_seconds * 1e9);
}

static void time_join(struct fleet *f, struct client *c)
{
    struct askers *a = f->scenario;
    const uint64_t now_ns = meter_now_ns();

    samples_add(&a->times, now_ns - a->at_ns[c->number]);
    a->turns[c->number] = TURN_READY;
    a->at_ns[c->number] += JOIN_EVERY_MS * 1000000ull;
}

static void take_turns(struct fleet *f, size_t count)
{
    struct askers *a = f->scenario;

    for (size_t i = 0; i < count; i++) {
        const uint64_t now_ns = meter_now_ns();

        if (a->turns[i] != TURN_READY || a->at_ns[i] > now_ns)
            continue;
        a->turns[i] = TURN_ASKED;
        a->at_ns[i] = now_ns;
        if (i < a->joiners)
            command_join(&f->clients[i]);
        else
            command_history(&f->clients[i], UINT32_MAX);
    }
}

/* Lets the first `count` clients take their turns for so long, and reports the joins. */
static void ask_for(struct fleet *f, size_t count, unsigned seconds, const char *label)
{
    struct askers *a = f->scenario;
    const uint64_t begin_ns = meter_now_ns(), end_ns = begin_ns + seconds * 1000000000ull;

    for (size_t i = 0; i < a->joiners; i++) /* evenly */
        a->at_ns[i] = begin_ns + i * JOIN_EVERY_MS * 1000000ull / a->joiners;
    while (meter_now_ns() < end_ns) {
        take_turns(f, count);
        fleet_turn(f, 1);
    }
    report_times(label, &a->times);
    samples_finish(&a->times);
}

/* The page that the others get. */
static void fill_page(struct fleet *f, size_t joiners)
{
    for (size_t i = 0; i < joiners; i++)
        command_say(f, &f->clients[i], PAGE_ITEMS / (unsigned)joiners);
    while (f->oks < PAGE_ITEMS / joiners * joiners)
        fleet_turn(f, 1000);
}

void run_askers(const struct options *o)
{
    struct room polls = {.name = "polls"}, room = {.name = "bench0"};
    const size_t all = (size_t)o->writers + o->members;
    struct askers a = {.joiners = o->writers};
    struct stretch used;
    struct fleet f;

    fleet_init(&f, o->port, o->nick_prefix, all, o->text_bytes);
    fleet_open(&f, 0, o->writers, o->writers, &room, 1);
    fleet_open(&f, o->writers, o->members, o->members, &polls, 1);
    fill_page(&f, o->writers);
    fleet_idle(&f, SETTLE_MS);
    if ((a.turns = calloc(all, sizeof *a.turns)) == NULL ||
        (a.at_ns = calloc(all, sizeof *a.at_ns)) == NULL)
        err(1, "askers");
    f.scenario = &a;
    f.hooks = (struct hooks){.history = take_page, .joined = time_join, .limited = wait_for_limit};
    ask_for(&f, o->writers, o->seconds, "alone_");
    used = stretch_begin(o);
    ask_for(&f, all, o->seconds, "asked_");
    used = stretch_end(o, used);
    report("pages_per_s", (double)a.pages * 1e9 / (double)used.wall_ns);
    report("items_per_page", (double)a.items / (double)a.pages);
    report("limited", (double)a.limited);
    report("cpu_ms_per_page", (double)used.cpu_ns / 1e6 / (double)a.pages);
    report_shares(used);
    free(a.turns);
    free(a.at_ns);
    finish(&f, &room);
    order_finish(&polls.order);
}

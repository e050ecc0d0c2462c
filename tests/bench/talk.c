/* talk.c - the scenarios about messages: one, flight, durable, away, busy, due. One scenario in
 * each process. Uses client.h and command.h only. */
#define _GNU_SOURCE
#include <err.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "command.h"
#include "scenario.h"

#define WARM_ROUNDS 20 /* before the measurement: fill caches, allocator and kernel buffers */

/* ---- one: a full room, one message at a time ---- */

void run_one(const struct options *o)
{
    struct samples times = {0};
    struct stretch used;
    struct fleet f;
    struct room room;

    open_in_one_room(o, &f, o->members, &room);
    for (int i = 0; i < WARM_ROUNDS; i++)
        round_trip_ns(&f, &f.clients[0], o->members);
    gate(o, &f, "ready");
    used = stretch_begin(o);
    for (unsigned i = 0; i < o->messages; i++)
        samples_add(&times, round_trip_ns(&f, &f.clients[0], o->members));
    used = stretch_end(o, used);
    gate(o, &f, "done");
    report_stretch(used, (size_t)o->messages * o->members);
    report_times("", &times);
    samples_finish(&times);
    finish(&f, &room);
}

/* ---- flight: a full room, several writers with many messages under way ---- */

static void say_the_next(struct fleet *f, struct client *c, const struct event *e)
{
    const unsigned *of_each_writer = f->scenario;

    if (e->writer == c->number && c->said < *of_each_writer)
        command_say(f, c, 1);
}

void run_flight(const struct options *o)
{
    unsigned of_each_writer = o->messages / o->writers;
    const size_t want = (size_t)of_each_writer * o->writers * o->members;
    struct stretch used;
    struct fleet f;
    struct room room;

    open_in_one_room(o, &f, o->members, &room);
    f.hooks.message = say_the_next;
    f.scenario = &of_each_writer;
    gate(o, &f, "ready");
    used = stretch_begin(o);
    for (unsigned w = 0; w < o->writers; w++)
        command_say(&f, &f.clients[w],
                    o->in_flight < of_each_writer ? o->in_flight : of_each_writer);
    while (f.messages < want)
        fleet_turn(&f, 1000);
    used = stretch_end(o, used);
    gate(o, &f, "done");
    report_stretch(used, want);
    finish(&f, &room);
}

/* ---- durable: each writer alone in a room, as fast as it is acknowledged ---- */

static void say_when_acknowledged(struct fleet *f, struct client *c)
{
    const unsigned *of_each_writer = f->scenario;

    if (c->said < *of_each_writer)
        command_say(f, c, 1);
}

void run_durable(const struct options *o)
{
    unsigned of_each_writer = o->messages;
    const size_t want = (size_t)of_each_writer * o->writers;
    struct room *rooms = rooms_create("bench", o->writers);
    struct stretch used;
    struct fleet f;

    fleet_init(&f, o->port, o->nick_prefix, o->writers, o->text_bytes);
    f.hooks.ok = say_when_acknowledged;
    f.scenario = &of_each_writer;
    fleet_open(&f, 0, o->writers, o->window, rooms, o->writers);
    fleet_idle(&f, SETTLE_MS);
    gate(o, &f, "ready");
    used = stretch_begin(o);
    for (unsigned w = 0; w < o->writers; w++)
        command_say(&f, &f.clients[w],
                    o->in_flight < of_each_writer ? o->in_flight : of_each_writer);
    while (f.oks < want)
        fleet_turn(&f, 1000);
    used = stretch_end(o, used);
    gate(o, &f, "done");
    while (f.messages < want)
        fleet_turn(&f, 1000);
    report("acknowledged_per_s", (double)want * 1e9 / (double)used.wall_ns);
    report_stretch(used, want);
    fleet_idle(&f, STRAY_MS);
    fleet_finish(&f);
    rooms_destroy(rooms, o->writers);
}

/* ---- away: a message said while Redis is down, delivered when it is back ---- */

void run_away(const struct options *o)
{
    struct fleet f;
    struct room room;

    open_in_one_room(o, &f, 2, &room);
    round_trip_ns(&f, &f.clients[0], 2);
    gate(o, &f, "ready");
    round_trip_ns(&f, &f.clients[0], 2);
    report("delivered_ms", (double)meter_now_ns() / 1e6);
    gate(o, &f, "done");
    finish(&f, &room);
}

/* ---- busy: a few that talk among many that are idle ---- */

void run_busy(const struct options *o)
{
    struct room *rooms = rooms_create("idle", o->rooms), room = {.name = "bench0"};
    const size_t talkers = o->writers, all = o->members + talkers;
    struct samples times = {0};
    struct stretch used;
    struct fleet f;

    fleet_init(&f, o->port, o->nick_prefix, all, o->text_bytes);
    used = stretch_begin(o);
    fleet_open(&f, talkers, o->members, o->window, rooms, o->rooms);
    used = stretch_end(o, used);
    report("accepted_per_s", o->members * 1e9 / (double)used.wall_ns);
    report_shares(used);
    fleet_open(&f, 0, talkers, talkers, &room, 1);
    fleet_idle(&f, SETTLE_MS);
    gate(o, &f, "ready");
    for (unsigned i = 0; i < WARM_ROUNDS + o->messages; i++) {
        const uint64_t ns = round_trip_ns(&f, &f.clients[i % talkers], talkers);

        if (i >= WARM_ROUNDS)
            samples_add(&times, ns);
    }
    gate(o, &f, "done");
    report_times("", &times);
    samples_finish(&times);
    finish(&f, &room);
    rooms_destroy(rooms, o->rooms);
}

/* ---- due: a few that talk while many polls are due at one moment ---- */

static uint64_t wall_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Each member asks in its own room, one poll after the other. */
static void ask_polls(struct fleet *f, size_t first, unsigned each, uint64_t closes_ms)
{
    for (unsigned round = 0; round < each; round++) {
        const size_t want = f->oks + f->count - first;

        for (size_t i = first; i < f->count; i++)
            command_poll(f, &f->clients[i], true, closes_ms);
        while (f->oks < want)
            fleet_turn(f, 1000);
    }
}

static void talk_until(struct fleet *f, size_t talkers, size_t ends, uint64_t until_ms,
                       struct samples *times)
{
    for (size_t i = 0; f->ends < ends && wall_ms() < until_ms; i++)
        samples_add(times, round_trip_ns(f, &f->clients[i % talkers], talkers));
}

void run_due(const struct options *o)
{
    struct room *rooms = rooms_create("due", o->rooms), room = {.name = "bench0"};
    const size_t talkers = o->writers, polls = (size_t)o->rooms * o->polls;
    const uint64_t closes_ms = wall_ms() + (uint64_t)o->seconds * 1000;
    struct samples before = {0}, times = {0};
    struct stretch used;
    struct fleet f;

    fleet_init(&f, o->port, o->nick_prefix, talkers + o->rooms, o->text_bytes);
    fleet_open(&f, talkers, o->rooms, o->window, rooms, o->rooms);
    ask_polls(&f, talkers, o->polls, closes_ms);
    fleet_open(&f, 0, talkers, talkers, &room, 1);
    fleet_idle(&f, SETTLE_MS);
    if (wall_ms() + 2000 > closes_ms)
        errx(1, "due: no time is left: more --seconds");
    talk_until(&f, talkers, 1, closes_ms - 1000, &before);
    report_times("before_", &before);
    fleet_idle(&f, (unsigned)(closes_ms - wall_ms()));
    used = stretch_begin(o);
    talk_until(&f, talkers, polls, UINT64_MAX, &times);
    used = stretch_end(o, used);
    report("closed_s", (double)used.wall_ns / 1e9);
    report("cpu_us_per_poll", (double)used.cpu_ns / 1e3 / (double)polls);
    report_shares(used);
    report_times("", &times);
    report("worst_ms", (double)samples_percentile(&times, 100) / 1e6);
    samples_finish(&before);
    samples_finish(&times);
    finish(&f, &room);
    rooms_destroy(rooms, o->rooms);
}

/* crowd.c - the scenarios with many members or many messages: idle, stall, resume, history, vote,
 * react. One scenario in each process. Uses client.h and command.h only. */
#define _GNU_SOURCE
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "scenario.h"

#define RSS_EVERY_MS 100

/* ---- idle: the cost of silent members ---- */

void run_idle(const struct options *o)
{
    struct room *rooms = rooms_create("idle", o->rooms);
    struct stretch used;
    struct fleet f;
    size_t one_bytes, all_bytes;

    fleet_init(&f, o->port, o->nick_prefix, o->members, o->text_bytes);
    fleet_open(&f, 0, 1, 1, rooms, o->rooms);
    fleet_idle(&f, SETTLE_MS);
    one_bytes = meter_rss_bytes(o->pid);
    fleet_open(&f, 1, o->members - 1, o->window, rooms, o->rooms);
    fleet_idle(&f, 3 * SETTLE_MS);
    all_bytes = meter_rss_bytes(o->pid);
    f.pings = f.signals = 0;
    gate(o, &f, "ready");
    used = stretch_begin(o);
    fleet_idle(&f, o->seconds * 1000);
    used = stretch_end(o, used);
    gate(o, &f, "done");
    report("rss_one_mib", (double)one_bytes / 1048576);
    report("rss_all_mib", (double)all_bytes / 1048576);
    report("rss_bytes_each", ((double)all_bytes - (double)one_bytes) / (o->members - 1));
    report("rss_bytes_each_later",
           ((double)meter_rss_bytes(o->pid) - (double)one_bytes) / (o->members - 1));
    report("cpu_percent", 100.0 * (double)used.cpu_ns / (double)used.wall_ns);
    report("pings_each", (double)f.pings / o->members);
    report("signals", (double)f.signals);
    fleet_finish(&f);
    rooms_destroy(rooms, o->rooms);
}

/* ---- stall: members that stop reading ---- */

struct watch {
    struct samples times; /* one for each message at each reader */
    uint64_t said_ns, rss_seen_ns;
    size_t rss_most;
};

static void time_arrival(struct fleet *f, struct client *c, const struct event *e)
{
    struct watch *w = f->scenario;

    (void)c;
    (void)e;
    samples_add(&w->times, meter_now_ns() - w->said_ns);
}

static void watch_rss(const struct options *o, struct watch *w)
{
    size_t now_bytes;

    if (w->said_ns - w->rss_seen_ns < RSS_EVERY_MS * 1000000ull)
        return;
    now_bytes = meter_rss_bytes(o->pid);
    w->rss_most = now_bytes > w->rss_most ? now_bytes : w->rss_most;
    w->rss_seen_ns = w->said_ns;
}

/* Says `messages`, each when `listeners` have the one before, and reports their times. */
static void say_and_time(const struct options *o, struct fleet *f, unsigned messages,
                         size_t listeners, const char *label)
{
    struct watch *w = f->scenario;

    for (unsigned i = 0; i < messages; i++) {
        const size_t want = f->messages + listeners;

        w->said_ns = meter_now_ns();
        command_say(f, &f->clients[0], 1);
        while (f->messages < want)
            fleet_turn(f, 1000);
        watch_rss(o, w);
    }
    report_times(label, &w->times);
    samples_finish(&w->times);
}

/* The readers alone; then with others that read; then with the same others stalled, first while the
 * kernel still buffers for them, then once its buffers are full. */
void run_stall(const struct options *o)
{
    struct watch w = {0};
    struct fleet f;
    struct room room = {.name = "bench0"};
    struct stretch used;
    size_t rss_bytes, tcp_bytes, joined_at;

    fleet_init(&f, o->port, o->nick_prefix, o->members + o->stalled, o->text_bytes);
    f.hooks.message = time_arrival;
    f.scenario = &w;
    fleet_open(&f, 0, o->members, o->window, &room, 1);
    fleet_idle(&f, SETTLE_MS);
    say_and_time(o, &f, o->messages, o->members, "alone_");

    joined_at = f.clients[0].got;
    for (size_t i = 0; i < o->stalled; i++)
        f.clients[o->members + i].got = joined_at;
    fleet_open(&f, o->members, o->stalled, o->window, &room, 1);
    fleet_idle(&f, SETTLE_MS);
    say_and_time(o, &f, o->messages / 10, o->members + o->stalled, "reading_");

    for (size_t i = 0; i < o->stalled; i++)
        client_stop_reading(&f, &f.clients[o->members + i]);
    rss_bytes = meter_rss_bytes(o->pid);
    tcp_bytes = meter_tcp_bytes();
    gate(o, &f, "ready");
    w.rss_most = rss_bytes;
    used = stretch_begin(o);
    say_and_time(o, &f, o->messages / 2, o->members, "filling_");
    say_and_time(o, &f, o->messages / 2, o->members, "stalled_");
    report_shares(stretch_end(o, used));
    gate(o, &f, "done");
    report("rss_growth_mib", ((double)w.rss_most - (double)rss_bytes) / 1048576);
    report("tcp_growth_mib", ((double)meter_tcp_bytes() - (double)tcp_bytes) / 1048576);
    finish(&f, &room);
}

/* ---- resume: all clients come back at once ---- */

void run_resume(const struct options *o)
{
    const size_t all = (size_t)o->members + 1; /* the first stays and posts, the others miss it */
    struct stretch used;
    struct fleet f;
    struct room room;

    open_in_one_room(o, &f, all, &room);
    for (size_t i = 1; i < all; i++)
        client_close(&f, &f.clients[i]);
    fleet_idle(&f, SETTLE_MS);
    command_say(&f, &f.clients[0], o->messages);
    while (f.messages < o->messages || f.oks < o->messages)
        fleet_turn(&f, 1000);
    gate(o, &f, "ready");
    used = stretch_begin(o);
    fleet_open(&f, 1, o->members, o->window, &room, 1);
    while (f.messages < (size_t)o->messages * all)
        fleet_turn(&f, 1000);
    used = stretch_end(o, used);
    gate(o, &f, "done");
    if (f.not_recovered > 0)
        errx(3, "%zu came back and were given a fresh page", f.not_recovered);
    report("caught_up_s", (double)used.wall_ns / 1e9);
    report_stretch(used, (size_t)o->messages * o->members);
    finish(&f, &room);
}

/* ---- history: pages at random places of a long log ---- */

struct pages {
    size_t count, items;
};

static void count_page(struct fleet *f, struct client *c, size_t items)
{
    struct pages *p = f->scenario;

    (void)c;
    p->count++;
    p->items += items;
}

void run_history(const struct options *o)
{
    struct samples times = {0};
    struct pages pages = {0};
    struct stretch used;
    struct fleet f;
    struct room room;

    open_in_one_room(o, &f, 1, &room);
    if (f.clients[0].last == 0)
        errx(1, "history: nothing is stored in %s", room.name);
    f.hooks.history = count_page;
    f.scenario = &pages;
    srandom(1);
    used = stretch_begin(o);
    for (unsigned i = 0; i < o->messages; i++) {
        const uint64_t before = 1 + (uint64_t)random() % f.clients[0].last;
        const uint64_t start_ns = meter_now_ns();

        command_history(&f.clients[0], before);
        while (pages.count == i)
            fleet_turn(&f, 1000);
        samples_add(&times, meter_now_ns() - start_ns);
    }
    report_shares(stretch_end(o, used));
    report("last_seq", (double)f.clients[0].last);
    report("items_per_page", (double)pages.items / (double)pages.count);
    report_times("", &times);
    samples_finish(&times);
    finish(&f, &room);
}

/* ---- vote, react: all members of a room do it at once ---- */

typedef void crowd_command(const struct fleet *f, struct client *c);

/* There are fewer tallies than commands; a member that has the last tally knows all. */
static void count_informed(struct fleet *f, struct client *c, uint64_t people)
{
    size_t *informed = f->scenario;

    (void)c;
    *informed += people == f->count;
}

static void all_at_once(const struct options *o, struct fleet *f, crowd_command *command)
{
    size_t informed = 0;
    uint64_t begin_ns, acked_ns;
    struct stretch used;

    f->hooks.tally = count_informed;
    f->scenario = &informed;
    fleet_idle(f, SETTLE_MS);
    gate(o, f, "ready");
    f->oks = 0;
    used = stretch_begin(o);
    begin_ns = meter_now_ns();
    for (size_t i = 0; i < f->count; i++) {
        command(f, &f->clients[i]);
        if (i % 64 == 63)
            fleet_turn(f, 0);
    }
    while (f->oks < f->count)
        fleet_turn(f, 1000);
    acked_ns = meter_now_ns();
    while (informed < f->count)
        fleet_turn(f, 1000);
    report("acknowledged_s", (double)(acked_ns - begin_ns) / 1e9);
    report("informed_s", (double)(meter_now_ns() - begin_ns) / 1e9);
    report("tallies_each", (double)f->tallies / (double)f->count);
    report_shares(stretch_end(o, used));
    gate(o, f, "done");
}

void run_vote(const struct options *o)
{
    struct fleet f;
    struct room room;

    open_in_one_room(o, &f, o->members, &room);
    command_poll(&f, &f.clients[0], true, 0);
    while (f.poll == 0 || f.oks == 0)
        fleet_turn(&f, 1000);
    all_at_once(o, &f, command_vote);
    finish(&f, &room);
}

void run_react(const struct options *o)
{
    struct fleet f;
    struct room room;

    open_in_one_room(o, &f, o->members, &room);
    command_say(&f, &f.clients[0], 1);
    while (f.messages < f.count || f.oks == 0)
        fleet_turn(&f, 1000);
    f.item = f.clients[0].last;
    all_at_once(o, &f, command_react);
    finish(&f, &room);
}

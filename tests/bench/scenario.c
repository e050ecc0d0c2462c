/* scenario.c - opening, measuring and reporting, for all scenarios. */
#define _GNU_SOURCE
#include "scenario.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"

void report(const char *name, double value)
{
    printf("%s %.9g\n", name, value);
    fflush(stdout);
}

/* Pauses, so that the program that started this one can attach strace. */
void gate(const struct options *o, struct fleet *f, const char *word)
{
    char line[16];

    if (!o->gate)
        return;
    puts(word);
    fflush(stdout);
    if (fgets(line, sizeof line, stdin) == NULL)
        errx(1, "gate: end of file");
    fleet_idle(f, 10);
}

struct room *rooms_create(const char *stem, size_t count)
{
    struct room *rooms = calloc(count, sizeof *rooms);

    if (rooms == NULL)
        err(1, "rooms");
    for (size_t i = 0; i < count; i++)
        snprintf(rooms[i].name, sizeof rooms[i].name, "%s%zu", stem, i);
    return rooms;
}

void rooms_destroy(struct room *rooms, size_t count)
{
    for (size_t i = 0; i < count; i++)
        order_finish(&rooms[i].order);
    free(rooms);
}

void open_in_one_room(const struct options *o, struct fleet *f, size_t count, struct room *room)
{
    *room = (struct room){.name = "bench0"};
    fleet_init(f, o->port, o->nick_prefix, count, o->text_bytes);
    fleet_open(f, 0, count, o->window, room, 1);
    fleet_idle(f, SETTLE_MS);
}

void finish(struct fleet *f, struct room *room)
{
    fleet_idle(f, STRAY_MS);
    fleet_finish(f);
    order_finish(&room->order);
}

/* Says one message and waits until `listeners` have it. */
uint64_t round_trip_ns(struct fleet *f, struct client *writer, size_t listeners)
{
    const size_t want = f->messages + listeners;
    const uint64_t start_ns = meter_now_ns();

    command_say(f, writer, 1);
    while (f->messages < want)
        fleet_turn(f, 1000);
    return meter_now_ns() - start_ns;
}

static void report_percentile(const char *label, struct samples *s, unsigned percent)
{
    char name[64];

    snprintf(name, sizeof name, "%sp%u_ms", label, percent);
    report(name, (double)samples_percentile(s, percent) / 1e6);
}

void report_times(const char *label, struct samples *s)
{
    report_percentile(label, s, 50);
    report_percentile(label, s, 99);
}

struct stretch stretch_begin(const struct options *o)
{
    return (struct stretch){.wall_ns = meter_now_ns(),
                            .cpu_ns = meter_cpu_ns(o->pid),
                            .own_cpu_ns = meter_cpu_ns(getpid()),
                            .machine_ns = meter_machine_ns()};
}

struct stretch stretch_end(const struct options *o, struct stretch begin)
{
    const struct stretch now = stretch_begin(o);

    return (struct stretch){.wall_ns = now.wall_ns - begin.wall_ns,
                            .cpu_ns = now.cpu_ns - begin.cpu_ns,
                            .own_cpu_ns = now.own_cpu_ns - begin.own_cpu_ns,
                            .machine_ns = now.machine_ns - begin.machine_ns};
}

/* In cores. Other processes on the machine make the figures worse, above all those by the clock. */
void report_shares(struct stretch s)
{
    const double wall = (double)s.wall_ns, ours = (double)s.cpu_ns + (double)s.own_cpu_ns;

    report("wall_s", wall / 1e9);
    report("server_cpu_share", (double)s.cpu_ns / wall);
    report("load_cpu_share", (double)s.own_cpu_ns / wall);
    report("others_cpu_share", ((double)s.machine_ns - ours) / wall);
}

void report_stretch(struct stretch s, size_t deliveries)
{
    report("deliveries", (double)deliveries);
    report("cpu_us_per_delivery", (double)s.cpu_ns / 1e3 / (double)deliveries);
    report("deliveries_per_cpu_s", (double)deliveries * 1e9 / (double)s.cpu_ns);
    report_shares(s);
}

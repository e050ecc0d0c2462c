/* load.c - the load generator's command line: one scenario against one server.
 *   bench_load SCENARIO --port PORT --pid PID [--name NUMBER …]
 * Prints figures. Exit status: 0; 1 if the scenario could not run; 3 if a message was lost, doubled
 * or out of order. */
#define _GNU_SOURCE
#include <err.h>
#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "scenario.h"
#include "wire.h"

/* clang-format off */
static const struct { const char *name; size_t offset; } numbers[] = {
    { "members",   offsetof(struct options, members) },
    { "messages",  offsetof(struct options, messages) },
    { "text",      offsetof(struct options, text_bytes) },
    { "writers",   offsetof(struct options, writers) },
    { "in-flight", offsetof(struct options, in_flight) },
    { "rooms",     offsetof(struct options, rooms) },
    { "stalled",   offsetof(struct options, stalled) },
    { "seconds",   offsetof(struct options, seconds) },
    { "polls",     offsetof(struct options, polls) },
    { "window",    offsetof(struct options, window) },
};
static const struct scenario { const char *name; void (*run)(const struct options *o); } scenarios[] = {
    { "one", run_one },   { "flight", run_flight }, { "durable", run_durable }, { "busy", run_busy },
    { "idle", run_idle }, { "stall", run_stall },   { "resume", run_resume },   { "history", run_history },
    { "away", run_away }, { "vote", run_vote },     { "react", run_react },   { "due", run_due },
    { "ballots", run_ballots }, { "askers", run_askers },
};
/* clang-format on */

static unsigned number(const char *text)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    if (end == text || *end != '\0' || value > 100000000)
        errx(1, "not a number: %s", text);
    return (unsigned)value;
}

static void set_number(struct options *o, const char *name, const char *value)
{
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(name, numbers[i].name) == 0) {
            *(unsigned *)(void *)((char *)o + numbers[i].offset) = number(value);
            return;
        }
    errx(1, "no such option: --%s", name);
}

static void set(struct options *o, const char *name, const char *value)
{
    if (strcmp(name, "port") == 0)
        o->port = (int)number(value);
    else if (strcmp(name, "pid") == 0)
        o->pid = (pid_t)number(value);
    else if (strcmp(name, "prefix") == 0)
        o->nick_prefix = value;
    else
        set_number(o, name, value);
}

static void read_options(struct options *o, int argc, char **argv)
{
    for (int i = 2; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) != 0)
            errx(1, "what is %s?", argv[i]);
        if (strcmp(argv[i], "--gate") == 0)
            o->gate = true;
        else if (i + 1 < argc)
            set(o, argv[i] + 2, argv[i + 1]), i++;
        else
            errx(1, "%s needs a value", argv[i]);
    }
    if (o->text_bytes > WIRE_TEXT_MAX)
        errx(1, "--text is at most %d", WIRE_TEXT_MAX);
    if (o->port == 0 || o->pid == 0)
        errx(1, "--port and --pid are needed");
    if (o->writers == 0 || o->writers > ORDER_WRITERS_MAX)
        errx(1, "--writers is from 1 to %d", ORDER_WRITERS_MAX);
}

int main(int argc, char **argv)
{
    struct options o = {.nick_prefix = "b",
                        .members = 1000,
                        .messages = 300,
                        .text_bytes = 128,
                        .writers = 4,
                        .in_flight = 32,
                        .rooms = 20,
                        .stalled = 1000,
                        .seconds = 60,
                        .polls = 50,
                        .window = 256};

    if (argc < 2)
        errx(1, "usage: bench_load SCENARIO --port PORT --pid PID [--name NUMBER …]");
    read_options(&o, argc, argv);
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++)
        if (strcmp(scenarios[i].name, argv[1]) == 0) {
            scenarios[i].run(&o);
            return 0;
        }
    errx(1, "no such scenario: %s", argv[1]);
}

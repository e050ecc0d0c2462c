/* scenario.h - the load generator's scenarios. Each prints its figures as lines "name value". */
#ifndef BENCH_SCENARIO_H
#define BENCH_SCENARIO_H

#include <stdbool.h>
#include <sys/types.h>

#include "client.h"
#include "meter.h"

#define SETTLE_MS 1500 /* after joining: until the `here` signals have been sent */
#define STRAY_MS  300  /* after the last message: time for a stray one to arrive */

struct options {
    int port;
    pid_t pid;               /* the server's, to read its CPU time and memory */
    const char *nick_prefix; /* new in each run: the nicks must be new to the server */
    unsigned members;        /* the members that receive messages, or are idle */
    unsigned messages;       /* in all; of each writer for `durable` */
    unsigned text_bytes;
    unsigned writers;
    unsigned in_flight; /* of each writer: messages said and not yet received */
    unsigned rooms;     /* idle members spread over them */
    unsigned stalled;   /* members that stop reading */
    unsigned seconds;   /* of watching idle members */
    unsigned polls;     /* due at one moment, in each room */
    unsigned window;    /* connections being opened at a time */
    bool gate;          /* wait for a line on standard input before and after the measurement */
};

/* ---- talk.c ---- */
void run_one(const struct options *o);     /* a full room, one message at a time */
void run_flight(const struct options *o);  /* a full room, several writers with many under way */
void run_durable(const struct options *o); /* lone writers, as fast as they are acknowledged */
void run_away(const struct options *o);    /* one message, while Redis goes and comes back */
void run_busy(const struct options *o);    /* a few that talk among many that are idle */
void run_due(const struct options *o);     /* a few that talk while many polls are due */

/* ---- crowd.c ---- */
void run_idle(const struct options *o);    /* the cost of silent members */
void run_stall(const struct options *o);   /* members that stop reading */
void run_resume(const struct options *o);  /* all clients come back at once */
void run_history(const struct options *o); /* pages at random places of a long log */
void run_vote(const struct options *o);    /* all members of a room vote at once */
void run_react(const struct options *o);   /* all members of a room react to a message at once */

/* ---- askers.c ---- */
void run_ballots(const struct options *o); /* fills a room with polls, for askers */
void run_askers(const struct options *o);  /* others join while many ask for pages with polls */

/* ---- scenario.c ---- */
void report(const char *name, double value);
/* Its median and 99th percentile, as `label`p50_ms and `label`p99_ms. */
void report_times(const char *label, struct samples *s);

/* Prints `word` and waits for a line on standard input, so that the program that started this one
 * can attach strace. Does nothing without --gate. */
void gate(const struct options *o, struct fleet *f, const char *word);

struct room *rooms_create(const char *stem, size_t count); /* stem0, stem1, … */
void rooms_destroy(struct room *rooms, size_t count);

/* open_in_one_room() opens `count` clients in the room bench0; finish() closes them. */
void open_in_one_room(const struct options *o, struct fleet *f, size_t count, struct room *room);
void finish(struct fleet *f, struct room *room);

/* Says one message and waits until `listeners` have it. */
uint64_t round_trip_ns(struct fleet *f, struct client *writer, size_t listeners);

struct stretch { /* of time, and the CPU time of the server, this process and the whole machine */
    uint64_t wall_ns, cpu_ns, own_cpu_ns, machine_ns;
};

struct stretch stretch_begin(const struct options *o);
struct stretch stretch_end(const struct options *o, struct stretch begin);
void report_shares(struct stretch s);
void report_stretch(struct stretch s, size_t deliveries);

#endif

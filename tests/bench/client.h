/* client.h - the chat connections of the load generator: they open, join and read. */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "order.h"

#define ROOM_NAME_BYTES 32
#define TOKEN_BYTES     128 /* longest token and log name that a server may give */

struct room {
    char name[ROOM_NAME_BYTES];
    struct order order;
};

/* CLOSED --connect--> UPGRADING --101, hello, join sent--> JOINING --joined--> MEMBER --> CLOSED */
enum client_state { CLIENT_CLOSED, CLIENT_UPGRADING, CLIENT_JOINING, CLIENT_MEMBER };

struct client {
    int fd;
    enum client_state state;
    uint32_t number; /* makes its nick, and names the writer in its keys */
    struct room *room;
    size_t got; /* messages of the room seen: its place in room->order */
    uint32_t said, acked;
    uint64_t last;                             /* newest seq that it has seen */
    char token[TOKEN_BYTES], log[TOKEN_BYTES]; /* empty before the first welcome and joined */
    char *rest;                                /* the first part of a frame */
    size_t rest_bytes;
};

struct fleet;
struct hooks { /* each may be NULL */
    void (*message)(struct fleet *f, struct client *c, const struct event *e);
    void (*ok)(struct fleet *f, struct client *c);
    void (*history)(struct fleet *f, struct client *c, size_t items);
    void (*tally)(struct fleet *f, struct client *c, uint64_t people);
    void (*joined)(struct fleet *f, struct client *c);                       /* a member, again */
    void (*limited)(struct fleet *f, struct client *c, double wait_seconds); /* NULL: a fault */
};

struct fleet {
    /* set once by fleet_init() */
    int epoll, port;
    const char *nick_prefix;
    char *text;
    struct client *clients;
    size_t count;
    /* set by the scenario */
    struct hooks hooks;
    void *scenario;
    /* counts of received frames */
    size_t members, messages, oks, pings, signals, not_recovered;
    size_t tallies;    /* vote and reaction events */
    size_t ends;       /* poll_closed events */
    uint64_t poll;     /* the newest one's number */
    uint64_t item;     /* what is reacted to */
    uint64_t heard_ns; /* time of the last frame */
};

void fleet_init(struct fleet *f, int port, const char *nick_prefix, size_t count,
                size_t text_bytes);
void fleet_finish(struct fleet *f);

/* Connects clients [first, first + count), at most `window` at a time, client i to
 * rooms[i % room_count]. Returns when all have joined. A client that was connected before sends its
 * token and its cursor. */
void fleet_open(struct fleet *f, size_t first, size_t count, size_t window, struct room *rooms,
                size_t room_count);

/* Reads all frames that have come; waits at most `wait_ms` for the first. Ends the run after
 * SILENCE_SECONDS without a frame: something is lost. */
void fleet_turn(struct fleet *f, int wait_ms);
/* Reads for `ms`. Silence does not end the run. */
void fleet_idle(struct fleet *f, unsigned ms);

/* Sends all, waiting for the socket if need be. */
void client_send(const struct client *c, const char *bytes, size_t n);
void client_stop_reading(struct fleet *f, struct client *c);
void client_close(struct fleet *f, struct client *c);

#endif

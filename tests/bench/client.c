/* client.c - the chat connections of the load generator: they open, join and read. One thread,
 * level-triggered epoll, one recv() a turn for each readable socket. It scans frames in place and
 * reads only the members that it needs, so that the generator does not become the limit. Any fault
 * of the server ends the run with exit status 1. */
#define _GNU_SOURCE
#include "client.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "meter.h"
#include "wire.h"

#define TURN_EVENTS     1024
#define READ_BYTES      (1u << 20) /* more than any server sends between two turns */
#define SILENCE_SECONDS 30         /* after that, something is lost */
#define SOURCES         200 /* source addresses: 127.0.0.2 and up, so that ports do not run out */
#define RECEIVE_BYTES   (128 << 10)

/* ---- fleet ---- */

void fleet_init(struct fleet *f, int port, const char *nick_prefix, size_t count, size_t text_bytes)
{
    *f = (struct fleet){.port = port, .nick_prefix = nick_prefix, .count = count};
    if ((f->epoll = epoll_create1(EPOLL_CLOEXEC)) < 0)
        err(1, "epoll_create1");
    f->clients = calloc(count, sizeof *f->clients);
    f->text = malloc(text_bytes + 1);
    if (f->clients == NULL || f->text == NULL)
        err(1, "fleet");
    for (size_t i = 0; i < text_bytes; i++)
        f->text[i] = "the quick brown fox jumps over a lazy dog "[i % 42];
    f->text[text_bytes] = '\0';
    for (size_t i = 0; i < count; i++)
        f->clients[i].number = (uint32_t)i;
    f->heard_ns = meter_now_ns();
}

void fleet_finish(struct fleet *f)
{
    for (size_t i = 0; i < f->count; i++)
        client_close(f, &f->clients[i]);
    close(f->epoll);
    free(f->clients);
    free(f->text);
}

/* ---- out ---- */

void client_send(const struct client *c, const char *bytes, size_t n)
{
    struct pollfd writable = {.fd = c->fd, .events = POLLOUT};

    while (n > 0) {
        ssize_t sent = send(c->fd, bytes, n, MSG_NOSIGNAL);

        if (sent < 0 && errno != EAGAIN)
            err(1, "client %u: send", c->number);
        if (sent < 0 && poll(&writable, 1, SILENCE_SECONDS * 1000) == 0)
            errx(1, "client %u: the server does not read", c->number);
        if (sent > 0) {
            bytes += sent;
            n -= (size_t)sent;
        }
    }
}

static void greet(const struct fleet *f, struct client *c)
{
    char json[512], frames[1024];
    size_t n;

    snprintf(json, sizeof json, "{\"type\":\"hello\",\"id\":\"h\",\"nick\":\"%s%u\"%s%s%s}",
             f->nick_prefix, c->number, c->token[0] ? ",\"token\":\"" : "", c->token,
             c->token[0] ? "\"" : "");
    n = wire_frame(frames, WIRE_TEXT, json, strlen(json));
    if (c->log[0] == '\0')
        snprintf(json, sizeof json, "{\"type\":\"join\",\"id\":\"j\",\"room\":\"%s\"}",
                 c->room->name);
    else
        snprintf(json, sizeof json,
                 "{\"type\":\"join\",\"id\":\"j\",\"room\":\"%s\",\"after\":%llu,\"log\":\"%s\"}",
                 c->room->name, (unsigned long long)c->last, c->log);
    n += wire_frame(frames + n, WIRE_TEXT, json, strlen(json));
    client_send(c, frames, n);
    c->state = CLIENT_JOINING;
}

/* ---- in ---- */

static void take_message(struct fleet *f, struct client *c, struct slice json)
{
    struct event e = {.seq = wire_number(json, "\"seq\":")};
    struct slice key = wire_string(json, "\"key\":\"");
    const char *wrong;

    if (key.n < 4 || key.at[0] != 'w')
        errx(1, "client %u: a message with an unknown key: %.*s", c->number, (int)json.n, json.at);
    e.writer = (uint32_t)wire_number(key, "w");
    e.number = (uint32_t)wire_number(key, "n");
    if ((wrong = order_check(&c->room->order, c->got, &e)) != NULL)
        errx(3, "client %u: %s: its message %zu is %.*s", c->number, wrong, c->got, (int)json.n,
             json.at);
    c->got++;
    c->last = e.seq;
    f->messages++;
    if (f->hooks.message != NULL)
        f->hooks.message(f, c, &e);
}

static void take_joined(struct fleet *f, struct client *c, struct slice json)
{
    const bool fresh = c->log[0] == '\0';

    if (c->state == CLIENT_MEMBER && f->hooks.joined != NULL) {
        f->hooks.joined(f, c);
        return;
    }
    if (!fresh && memmem(json.at, json.n, "\"recovered\":true", 16) == NULL)
        f->not_recovered++;
    if (fresh) {
        c->last = wire_number(json, "\"last\":");
        wire_copy(c->log, sizeof c->log, wire_string(json, "\"log\":\""));
    }
    c->state = CLIENT_MEMBER;
    f->members++;
}

static void take_ok(struct fleet *f, struct client *c)
{
    c->acked++;
    f->oks++;
    if (f->hooks.ok != NULL)
        f->hooks.ok(f, c);
}

static void take_tally(struct fleet *f, struct client *c, struct slice json, const char *people)
{
    f->tallies++;
    if (f->hooks.tally != NULL)
        f->hooks.tally(f, c, wire_number(json, people));
}

static void take_error(struct fleet *f, struct client *c, struct slice json)
{
    if (f->hooks.limited == NULL || memmem(json.at, json.n, "\"code\":\"rate\"", 13) == NULL)
        errx(1, "client %u: the server says %.*s", c->number, (int)json.n, json.at);
    f->hooks.limited(f, c, wire_real(json, "\"retry_after\":"));
}

static bool is(struct slice type, const char *name)
{
    return type.n == strlen(name) && memcmp(type.at, name, type.n) == 0;
}

static void take_json(struct fleet *f, struct client *c, struct slice json)
{
    const struct slice type = wire_string(json, "\"type\":\"");

    if (is(type, "message"))
        take_message(f, c, json);
    else if (is(type, "ok"))
        take_ok(f, c);
    else if (is(type, "welcome"))
        wire_copy(c->token, sizeof c->token, wire_string(json, "\"token\":\""));
    else if (is(type, "joined"))
        take_joined(f, c, json);
    else if (is(type, "history") && f->hooks.history != NULL)
        f->hooks.history(f, c, wire_count(json, "\"seq\":"));
    else if (is(type, "vote"))
        take_tally(f, c, json, "\"voters\":");
    else if (is(type, "reaction"))
        take_tally(f, c, json, "\"count\":");
    else if (is(type, "poll_closed"))
        f->ends++;
    else if (is(type, "poll"))
        f->poll = wire_number(json, "\"seq\":");
    else if (is(type, "error"))
        take_error(f, c, json);
    else
        f->signals++;
}

static void take_frame(struct fleet *f, struct client *c, int opcode, struct slice payload)
{
    char pong[256];

    switch (opcode) {
    case WIRE_TEXT: take_json(f, c, payload); return;
    case WIRE_PING:
        f->pings++;
        client_send(c, pong, wire_frame(pong, WIRE_PONG, payload.at, payload.n));
        return;
    case WIRE_CLOSE:
        errx(1, "client %u: closed by the server with %d %.*s", c->number, wire_close_code(payload),
             payload.n > 2 ? (int)payload.n - 2 : 0, payload.at + 2);
    default: errx(1, "client %u: unexpected opcode %d", c->number, opcode);
    }
}

/* Returns the number of bytes used. */
static size_t take_upgrade(struct fleet *f, struct client *c, struct slice in)
{
    const char *end = memmem(in.at, in.n, "\r\n\r\n", 4);

    if (end == NULL)
        return 0;
    if (in.n < 12 || memcmp(in.at, "HTTP/1.1 101", 12) != 0)
        errx(1, "client %u: upgrade refused: %.*s", c->number, (int)(end - in.at), in.at);
    greet(f, c);
    return (size_t)(end - in.at) + 4;
}

static size_t take_bytes(struct fleet *f, struct client *c, struct slice in)
{
    size_t used = 0, frame;
    struct slice payload;
    int opcode;

    if (c->state == CLIENT_UPGRADING && (used = take_upgrade(f, c, in)) == 0)
        return 0;
    while ((frame = wire_next((struct slice){in.at + used, in.n - used}, &opcode, &payload)) > 0) {
        take_frame(f, c, opcode, payload);
        used += frame;
    }
    return used;
}

static void keep_rest(struct client *c, const char *bytes, size_t n)
{
    char *kept = NULL;

    if (n == READ_BYTES)
        errx(1, "client %u: a frame of more than %u bytes", c->number, READ_BYTES);
    if (n > 0 && (kept = malloc(n)) == NULL)
        err(1, "keep_rest");
    if (n > 0)
        memcpy(kept, bytes, n);
    free(c->rest);
    c->rest = kept;
    c->rest_bytes = n;
}

static void read_some(struct fleet *f, struct client *c)
{
    static char bytes[READ_BYTES];
    size_t have = c->rest_bytes, used;
    ssize_t n;

    if (have > 0)
        memcpy(bytes, c->rest, have);
    n = recv(c->fd, bytes + have, READ_BYTES - have, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0)
        errx(1, "client %u: lost: %s", c->number, n == 0 ? "end of file" : strerror(errno));
    have += (size_t)n;
    used = take_bytes(f, c, (struct slice){bytes, have});
    if (used < have || c->rest_bytes > 0)
        keep_rest(c, bytes + used, have - used);
}

static int read_ready(struct fleet *f, int wait_ms)
{
    struct epoll_event ready[TURN_EVENTS];
    int n = epoll_wait(f->epoll, ready, TURN_EVENTS, wait_ms);

    if (n < 0 && errno != EINTR)
        err(1, "epoll_wait");
    for (int i = 0; i < n; i++)
        read_some(f, ready[i].data.ptr);
    return n;
}

void fleet_turn(struct fleet *f, int wait_ms)
{
    if (read_ready(f, wait_ms) > 0)
        f->heard_ns = meter_now_ns();
    else if (meter_now_ns() - f->heard_ns > SILENCE_SECONDS * 1000000000ull)
        errx(3, "lost: silence for %d s; %zu members, %zu messages, %zu oks have come",
             SILENCE_SECONDS, f->members, f->messages, f->oks);
}

void fleet_idle(struct fleet *f, unsigned ms)
{
    const uint64_t end_ns = meter_now_ns() + ms * 1000000ull;

    while (meter_now_ns() < end_ns)
        read_ready(f, 10);
    f->heard_ns = meter_now_ns();
}

/* ---- coming and going ---- */

/* Fixes the size of the receive buffer. Otherwise the buffer of a socket that nobody reads grows
 * until TCP on this machine has used its memory (tcp_mem), and then every send() of the server pays
 * for squeezing its segment in. Real members have kernels of their own. */
static int socket_from(uint32_t number)
{
    const int receive_bytes = RECEIVE_BYTES;
    struct sockaddr_in from = {.sin_family = AF_INET};
    const int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        err(1, "socket");
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + number % SOURCES);
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    if (bind(fd, (struct sockaddr *)&from, sizeof from) != 0)
        err(1, "bind");
    return fd;
}

/* The key is the RFC's example, so that the floor can answer it with a constant. */
static void start(struct fleet *f, struct client *c)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)f->port)};
    struct epoll_event want = {.events = EPOLLIN, .data.ptr = c};
    char request[256];
    int n = snprintf(request, sizeof request,
                     "GET /chat HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
                     "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                     "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: chat\r\n\r\n",
                     f->port);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    c->fd = socket_from(c->number);
    if (connect(c->fd, (struct sockaddr *)&to, sizeof to) != 0)
        err(1, "client %u: connect", c->number);
    wire_no_wait(c->fd);
    if (epoll_ctl(f->epoll, EPOLL_CTL_ADD, c->fd, &want) != 0)
        err(1, "epoll_ctl");
    c->state = CLIENT_UPGRADING;
    client_send(c, request, wire_printed(n, sizeof request));
}

void fleet_open(struct fleet *f, size_t first, size_t count, size_t window, struct room *rooms,
                size_t room_count)
{
    const size_t before = f->members;

    for (size_t i = 0; i < count; i++) {
        struct client *c = &f->clients[first + i];

        while (i - (f->members - before) >= window)
            fleet_turn(f, 1000);
        c->room = &rooms[c->number % room_count];
        start(f, c);
    }
    while (f->members - before < count)
        fleet_turn(f, 1000);
}

void client_stop_reading(struct fleet *f, struct client *c)
{
    if (epoll_ctl(f->epoll, EPOLL_CTL_DEL, c->fd, NULL) != 0)
        err(1, "epoll_ctl");
}

void client_close(struct fleet *f, struct client *c)
{
    if (c->state == CLIENT_CLOSED)
        return;
    close(c->fd);
    keep_rest(c, NULL, 0);
    f->members -= c->state == CLIENT_MEMBER;
    c->state = CLIENT_CLOSED;
}

/* floor.c - the least work that a server of this protocol can do: a bare epoll loop that sends the
 * same bytes to the same sockets as chatd, with one send() for each message and member. It stores
 * nothing, checks nothing and has no identities. `run` compares chatd with it.
 *   bench_floor PORT */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "wire.h"

#define READ_BYTES  65536
#define FDS_MAX     65536
#define ROOMS_MAX   256
#define TURN_EVENTS 1024

struct room {
    char name[32];
    uint64_t seq;
    int *members;
    size_t count, capacity;
};

struct peer {
    struct room *room; /* NULL before join */
    char *rest;        /* the first part of a frame */
    size_t rest_bytes;
    int upgraded;
};

struct floor {
    int epoll, listener;
    struct peer peers[FDS_MAX]; /* by descriptor */
    struct room rooms[ROOMS_MAX];
    size_t room_count;
};

/* The answer to the RFC's example key, the only one that the load generator sends. */
static const char upgraded[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                               "Connection: Upgrade\r\nSec-WebSocket-Protocol: chat\r\n"
                               "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

static uint64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Sockets block on sending, as in the simplest server. */
static void send_bytes(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);

        if (sent < 0)
            return; /* gone: the next read finds out */
        bytes += sent;
        n -= (size_t)sent;
    }
}

#define REPLY_BYTES 400

static void reply(int fd, const char *json, int printed)
{
    char frame[REPLY_BYTES + WIRE_HEAD_BYTES];
    size_t n = wire_printed(printed, REPLY_BYTES), head = wire_head(frame, WIRE_TEXT, n);

    memcpy(frame + head, json, n);
    send_bytes(fd, frame, head + n);
}

static struct room *room_named(struct floor *f, struct slice name)
{
    for (size_t i = 0; i < f->room_count; i++)
        if (strlen(f->rooms[i].name) == name.n && memcmp(f->rooms[i].name, name.at, name.n) == 0)
            return &f->rooms[i];
    if (f->room_count == ROOMS_MAX)
        errx(1, "too many rooms");
    wire_copy(f->rooms[f->room_count].name, sizeof f->rooms->name, name);
    return &f->rooms[f->room_count++];
}

static void join(struct floor *f, int fd, struct slice command)
{
    struct room *r = room_named(f, wire_string(command, "\"room\":\""));
    char json[256];

    if (r->count == r->capacity) {
        r->capacity = r->capacity == 0 ? 64 : r->capacity * 2;
        if ((r->members = reallocarray(r->members, r->capacity, sizeof *r->members)) == NULL)
            err(1, "join");
    }
    r->members[r->count++] = fd;
    f->peers[fd].room = r;
    reply(fd, json,
          snprintf(json, sizeof json,
                   "{\"type\":\"joined\",\"id\":\"j\",\"room\":\"%s\",\"log\":\"floor\","
                   "\"last\":%llu}",
                   r->name, (unsigned long long)r->seq));
}

static void say(struct floor *f, int fd, struct slice command)
{
    struct room *r = f->peers[fd].room;
    struct slice key = wire_string(command, "\"id\":\""),
                 text = wire_string(command, "\"text\":\"");
    const unsigned long long seq = ++r->seq, at = now_ms();
    char json[WIRE_JSON_BYTES], frame[sizeof json + WIRE_HEAD_BYTES], ok[REPLY_BYTES];
    int printed = snprintf(json, sizeof json,
                           "{\"type\":\"message\",\"room\":\"%s\",\"seq\":%llu,\"at\":%llu,"
                           "\"from\":\"b0\",\"key\":\"%.*s\",\"text\":\"%.*s\"}",
                           r->name, seq, at, (int)key.n, key.at, (int)text.n, text.at);
    size_t n = wire_printed(printed, sizeof json), head = wire_head(frame, WIRE_TEXT, n);

    memcpy(frame + head, json, n);
    for (size_t i = 0; i < r->count; i++)
        send_bytes(r->members[i], frame, head + n);
    printed = snprintf(ok, sizeof ok,
                       "{\"type\":\"ok\",\"id\":\"%.*s\",\"room\":\"%s\",\"seq\":%llu,\"at\":%llu}",
                       (int)key.n, key.at, r->name, seq, at);
    reply(fd, ok, printed);
}

static void obey(struct floor *f, int fd, struct slice command)
{
    const struct slice type = wire_string(command, "\"type\":\"");

    if (strncmp(type.at, "say\"", 4) == 0)
        say(f, fd, command);
    else if (strncmp(type.at, "join\"", 5) == 0)
        join(f, fd, command);
    else if (strncmp(type.at, "hello\"", 6) == 0)
        reply(fd, "{\"type\":\"welcome\",\"token\":\"floor\"}", 34);
}

static void forget(struct floor *f, int fd)
{
    struct room *r = f->peers[fd].room;

    for (size_t i = 0; r != NULL && i < r->count; i++)
        if (r->members[i] == fd) {
            r->members[i] = r->members[--r->count];
            break;
        }
    free(f->peers[fd].rest);
    f->peers[fd] = (struct peer){0};
    close(fd);
}

/* Returns the number of bytes used. */
static size_t take_bytes(struct floor *f, int fd, struct slice in)
{
    struct peer *p = &f->peers[fd];
    struct slice payload;
    size_t used = 0, frame;
    int opcode;

    if (!p->upgraded) {
        const char *end = memmem(in.at, in.n, "\r\n\r\n", 4);

        if (end == NULL)
            return 0;
        used = (size_t)(end - in.at) + 4;
        p->upgraded = 1;
        send_bytes(fd, upgraded, sizeof upgraded - 1);
    }
    while ((frame = wire_next((struct slice){in.at + used, in.n - used}, &opcode, &payload)) > 0) {
        if (opcode == WIRE_TEXT)
            obey(f, fd, payload);
        used += frame;
    }
    return used;
}

static void read_some(struct floor *f, int fd)
{
    static char bytes[READ_BYTES];
    struct peer *p = &f->peers[fd];
    size_t have = p->rest_bytes, used;
    ssize_t n;

    if (have > 0)
        memcpy(bytes, p->rest, have);
    n = recv(fd, bytes + have, sizeof bytes - have, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        forget(f, fd);
        return;
    }
    have += (size_t)n;
    used = take_bytes(f, fd, (struct slice){bytes, have});
    free(p->rest);
    p->rest = NULL;
    if ((p->rest_bytes = have - used) > 0 && (p->rest = malloc(have - used)) == NULL)
        err(1, "rest");
    if (p->rest_bytes > 0)
        memcpy(p->rest, bytes + used, p->rest_bytes);
}

static void watch(const struct floor *f, int fd)
{
    struct epoll_event want = {.events = EPOLLIN, .data.fd = fd};

    if (epoll_ctl(f->epoll, EPOLL_CTL_ADD, fd, &want) != 0)
        err(1, "epoll_ctl");
}

static void accept_one(const struct floor *f)
{
    const int on = 1;
    int fd = accept4(f->listener, NULL, NULL, SOCK_CLOEXEC);

    if (fd < 0)
        return;
    if (fd >= FDS_MAX)
        errx(1, "too many connections");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(f, fd);
}

static int listen_on(const char *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    const int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, SOMAXCONN) != 0)
        err(1, "port %s", port);
    return fd;
}

int main(int argc, char **argv)
{
    static struct floor f; /* too large for the stack */
    struct epoll_event ready[TURN_EVENTS];

    if (argc != 2)
        errx(1, "usage: bench_floor PORT");
    f.listener = listen_on(argv[1]);
    f.epoll = epoll_create1(EPOLL_CLOEXEC);
    watch(&f, f.listener);
    for (;;) {
        int n = epoll_wait(f.epoll, ready, TURN_EVENTS, -1);

        for (int i = 0; i < n; i++)
            if (ready[i].data.fd == f.listener)
                accept_one(&f);
            else
                read_some(&f, ready[i].data.fd);
    }
}

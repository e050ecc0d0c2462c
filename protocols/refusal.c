/* refusal.c - see refusal.h. */
#include "refusal.h"

#include "chat/base/metric.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUIET_MS      10000
#define ADDRESSES     64 /* that the log tells apart; the others are one */
#define ADDRESS_BYTES 64
#define LINE_BYTES    800
#define RETRY         "retry-after: 5\r\n"
#define FULL_TEXT     "Too many connections. Try again in a few seconds.\n"
#define CLOSE         "connection: close\r\n"

static const struct {
    const char *reason;
    struct refusal_answer answer;
    const char *advice; /* for the operator */
} refusals[REFUSAL_COUNT] = {
    [REFUSAL_ADDRESS] = {"address",
                         {503, RETRY,
                          "Too many people come from your address. Try again "
                          "in a few seconds.\n"},
                         "this address has its share of people: limits.connections_per_address. "
                         "Behind a proxy, listen on a unix socket"},
    [REFUSAL_CONNECTIONS] = {"connections",
                             {503, RETRY CLOSE, FULL_TEXT},
                             "this address has eight times limits.connections_per_address "
                             "connections. Behind a proxy, listen on a unix socket"},
    [REFUSAL_DESCRIPTORS] = {"descriptors",
                             {503, RETRY CLOSE, FULL_TEXT},
                             "no descriptors are left: raise LimitNOFILE"},
    [REFUSAL_HOST] = {"host",
                      {421, CLOSE, "Not served here.\n"},
                      "list https://HOST in `origins` if it is a name of this chat"},
    [REFUSAL_ORIGIN] = {"origin",
                        {403, NULL, "This page may not connect here.\n"},
                        "list the page in `origins`, or let the proxy pass the Host header on "
                        "(nginx: proxy_set_header Host $host)"},
    [REFUSAL_PATH] = {"path",
                      {404, NULL, "There is nothing here.\n"},
                      "a WebSocket connects to /chat"},
    [REFUSAL_PROTOCOL] = {"protocol",
                          {400, NULL, "The subprotocol is \"chat\".\n"},
                          "the client does not speak this protocol"},
    [REFUSAL_VERSION] = {"version",
                         {426, "upgrade: websocket\r\nsec-websocket-version: 13\r\n",
                          "WebSocket version 13 only.\n"},
                         "the client is too old"},
    [REFUSAL_UPGRADE] = {"upgrade",
                         {426, "upgrade: websocket\r\n", "This address speaks WebSocket only.\n"},
                         "let the proxy pass Upgrade and Connection on (nginx: proxy_http_version "
                         "1.1)"},
    [REFUSAL_H2C] = {"h2c",
                     {400, NULL, "This file is sent without an upgrade to HTTP/2 only.\n"},
                     "let the client ask with HTTP/1.1 and without Upgrade: h2c"},
    [REFUSAL_METHOD] = {"method",
                        {405, "allow: GET, HEAD\r\n" CLOSE, "GET and HEAD only.\n"},
                        "nothing to do"},
    [REFUSAL_HTTP] = {"http", {505, CLOSE, "HTTP/1.1 only.\n"}, "nothing to do"},
    [REFUSAL_MALFORMED] =
        {"malformed",
         {403, CLOSE, "This is no request that is understood here.\n"},
         "the request is invalid or not finished, or asks with a whole URL or for "
         "an unknown upgrade. Nothing to do"},
    [REFUSAL_FIELD] = {"field",
                       {400, CLOSE, "A header has an invalid name, or a zero byte in its value.\n"},
                       "a header's name has a blank, or is the beginning of a known name, as X or "
                       "X-Forwarded are. If a proxy adds it, let it take another name"},
    [REFUSAL_BODY] = {"body", {400, CLOSE, "No body is taken here.\n"}, "nothing to do"},
    [REFUSAL_LENGTH] = {"length", {411, CLOSE, "A length is required.\n"}, "nothing to do"},
    [REFUSAL_HEADERS] =
        {"headers",
         {431, CLOSE,
          "The header is too large: 16 KB at most. Deleting "
          "this site's cookies may help.\n"},
         "the header is larger than 16 KB: other services under this name set large "
         "cookies"},
    [REFUSAL_STUCK] = {"stuck",
                       {408, CLOSE, "Too slow.\n"}, /* not sent: the way to it is full */
                       "the client has taken nothing of its answer for 15 s"},
};

/* What the log has been told within the last QUIET_MS. */
struct told {
    enum refusal why;
    char address[ADDRESS_BYTES]; /* empty: free */
    uint64_t since_ms;
    uint64_t more;
};

struct refusals {
    void (*log)(const char *line);
    uint64_t counts[REFUSAL_COUNT];
    struct told told[ADDRESSES + REFUSAL_COUNT]; /* the last ones are for all other addresses */
};

const struct refusal_answer *refusal_answer(enum refusal why) { return &refusals[why].answer; }

struct refusals *refusals_create(void (*log)(const char *line))
{
    struct refusals *r = calloc(1, sizeof *r);
    if (r != NULL)
        r->log = log;
    return r;
}

void refusals_destroy(struct refusals **r)
{
    free(*r);
    *r = NULL;
}

static void log_first(const struct refusals *r, const struct told *t, const char *detail)
{
    char line[LINE_BYTES];
    snprintf(line, sizeof line, "refused reason=%s address=%s%s%s: %s", refusals[t->why].reason,
             t->address, detail == NULL ? "" : " ", detail == NULL ? "" : detail,
             refusals[t->why].advice);
    r->log(line);
}

static void log_more(const struct refusals *r, const struct told *t)
{
    char line[LINE_BYTES];
    snprintf(line, sizeof line, "refused reason=%s address=%s more=%llu: %s",
             refusals[t->why].reason, t->address, (unsigned long long)t->more,
             refusals[t->why].advice);
    r->log(line);
}

/* The entry of a reason and address: its own, else a free one, else that of all others. */
static struct told *find(struct refusals *r, enum refusal why, const char *address)
{
    struct told *free_one = NULL;
    for (struct told *t = r->told; t < r->told + ADDRESSES; t++) {
        if (t->why == why && strncmp(t->address, address, ADDRESS_BYTES - 1) == 0)
            return t;
        if (t->address[0] == '\0' && free_one == NULL)
            free_one = t;
    }
    return free_one != NULL ? free_one : &r->told[ADDRESSES + why];
}

void refusals_add(struct refusals *r, enum refusal why, const char *address, const char *detail,
                  uint64_t now_ms)
{
    struct told *t = find(r, why, address);
    r->counts[why]++;
    if (t->address[0] != '\0') {
        t->more++;
        return;
    }
    *t = (struct told){.why = why, .since_ms = now_ms};
    snprintf(t->address, sizeof t->address, "%s", t < r->told + ADDRESSES ? address : "others");
    log_first(r, t, detail);
}

void refusals_tick(struct refusals *r, uint64_t now_ms)
{
    for (struct told *t = r->told; t < r->told + ADDRESSES + REFUSAL_COUNT; t++) {
        if (t->address[0] == '\0' || now_ms - t->since_ms < QUIET_MS)
            continue;
        if (t->more == 0) {
            t->address[0] = '\0';
            continue;
        }
        log_more(r, t);
        t->more = 0;
        t->since_ms = now_ms;
    }
}

void refusals_metrics(const struct refusals *r, struct bytes *to)
{
    metric_begin_counter(to, "refused_total");
    for (size_t i = 0; i < REFUSAL_COUNT; i++)
        metric_add_value(to, "refused_total", "reason", refusals[i].reason, r->counts[i]);
}

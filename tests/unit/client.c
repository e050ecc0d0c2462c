/* client.c - see client.h. */
#include "client.h"

#include "chat/base/wire.h"
#include "chat/command/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ptrdiff_t take(void *peer, const char *frames, size_t n)
{
    struct client *c = peer;
    size_t done = 0;
    while (done < n && c->takes > 0) {
        size_t size = wire_size(frames + done), header = wire_header_size(frames + done);
        json_t *frame = json_loadb(frames + done + header, size - header, 0, NULL);
        assert_non_null(frame); /* only whole frames, each with one JSON text */
        assert_true(c->count < CLIENT_FRAMES_MAX);
        c->frames[c->count++] = frame;
        c->takes -= size < c->takes ? size : c->takes;
        done += size;
    }
    return (ptrdiff_t)done;
}

static void end(void *peer, enum close_code code, const char *reason)
{
    struct client *c = peer;
    c->close_code = (int)code;
    snprintf(c->close_reason, sizeof c->close_reason, "%s", reason);
}

static void ping(void *peer) { ((struct client *)peer)->pings++; }

static void listen(void *peer, bool on) { ((struct client *)peer)->read_paused = !on; }

static const struct sink_ops sink = {take, end, ping, listen};

struct client *client_create(struct world *w)
{
    struct client *c = calloc(1, sizeof *c);
    c->world = w;
    c->takes = (size_t)-1;
    c->session = session_open(w->chat, &sink, c, &w->source);
    assert_non_null(c->session);
    return c;
}

struct client *client_operator(struct world *w)
{
    struct client *c = calloc(1, sizeof *c);
    c->world = w;
    c->takes = (size_t)-1;
    c->session = session_open_operator(w->chat, &sink, c);
    assert_non_null(c->session);
    return c;
}

struct client *client_named(struct world *w, const char *nick)
{
    struct client *c = client_create(w);
    client_send(c, "{'type':'hello','id':'hello','nick':'%s'}", nick);
    world_settle(w);
    client_next_of(c, "welcome");
    return c;
}

struct client *client_joined(struct world *w, const char *nick)
{
    struct client *c = client_named(w, nick);
    client_send(c, "{'type':'join','id':'join','room':'lobby'}");
    world_settle(w);
    client_next_of(c, "joined");
    return c;
}

void client_destroy(struct client **client)
{
    struct client *c = *client;
    session_destroy(&c->session);
    for (size_t i = 0; i < c->count; i++)
        json_decref(c->frames[i]);
    free(c);
    *client = NULL;
}

void client_send(struct client *c, const char *format, ...)
{
    char text[20000];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (char *p = text; *p != '\0'; p++)
        if (*p == '\'')
            *p = '"';
    session_heard(c->session);
    command_obey(c->session, text, (size_t)n);
}

void client_say(struct client *c, const char *room, const char *id, const char *text)
{
    client_send(c, "{'type':'say','id':'%s','room':'%s','text':'%s'}", id, room, text);
}

bool client_has_more(const struct client *c) { return c->seen < c->count; }

json_t *client_next(struct client *c)
{
    if (!client_has_more(c))
        fail_msg("no frame is left of these %zu", c->count);
    return c->frames[c->seen++];
}

json_t *client_next_of(struct client *c, const char *type)
{
    for (;;) {
        json_t *frame = client_next(c);
        if (strcmp(text_of(frame, "type"), type) == 0)
            return frame;
    }
}

const char *client_error(struct client *c) { return text_of(client_next_of(c, "error"), "code"); }

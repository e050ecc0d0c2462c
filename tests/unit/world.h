/* world.h - a chat in memory for unit tests: a journal and an archive that answer when told to, and
 * clients that are arrays of frames instead of sockets. Time stands still until the test moves it.
 */
#ifndef WORLD_H
#define WORLD_H

#include "chat/chat.h"
#include "chat/command/command.h"
#include "chat/model/ask.h"
#include "chat/model/bus.h"
#include "chat/model/session.h"

#include <jansson.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define WORLD_EVENTS_MAX  4096
#define CLIENT_FRAMES_MAX 8192
#define WORLD_MARKERS_MAX 1024

struct kept_marker {
    uint64_t identity, read;
    char room[64];
    bool joined;
};

struct world {
    struct chat_config config;
    struct chat *chat;
    uint64_t now_ms;
    struct source source;
    bool keyless;        /* the archive has lost the keys of polls */
    bool journal_broken; /* submits are answered with ERR_UNAVAILABLE */
    struct stored *events[WORLD_EVENTS_MAX];
    size_t event_count;
    struct answers {
        struct answer *first, **last;
    } journal, archive; /* what has not been answered yet */
    uint64_t asked;
    unsigned archive_reads;
    struct kept_marker markers[WORLD_MARKERS_MAX];
    size_t marker_count;
};

struct client {
    struct world *world;
    struct session *session;
    size_t takes; /* bytes that its socket takes before it is full */
    json_t *frames[CLIENT_FRAMES_MAX];
    size_t count, seen;
    unsigned pings;
    bool unheard;   /* its socket is not read */
    int close_code; /* 0: open */
    char close_reason[128];
};

struct world *world_create(void); /* rooms "lobby" and "news" (moderators post) */
/* One of several nodes. */
struct world *world_create_node(const char *node, const struct bus_ops *ops, struct bus *bus);
/* Takes what another world's log has more. */
void world_follow(struct world *w, const struct world *other);
json_t *world_event_body(const struct world *w, size_t i); /* a new reference */
/* What the log has of it: kind, author, key, and the body as it was submitted. New. */
json_t *world_event(const struct world *w, size_t i);
/* Her marker in the archive, a new one if she has none. */
struct kept_marker *world_marker(struct world *w, uint64_t identity, const char *room);
void world_destroy(struct world **w);
/* Answers what was asked, flushes, until nothing happens any more. */
void world_settle(struct world *w);
/* Answers the oldest question to one of them; false: there is none. */
bool world_answer_journal(struct world *w);
bool world_answer_archive(struct world *w);
void world_pass(struct world *w, uint64_t ms); /* time, tick by tick */

struct client *client_create(struct world *w);
struct client *client_named(struct world *w, const char *nick); /* hello, welcome forgotten */
struct client *client_operator(struct world *w);                /* of the control socket */
void client_destroy(struct client **c);
/* Sends a command, written with ' for ". */
void client_send(struct client *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
void client_say(struct client *c, const char *room, const char *id, const char *text);

/* The next frame that has not been looked at; fails the test if there is none. Borrowed. */
json_t *client_next(struct client *c);
/* The next frame of this type; others are passed over. */
json_t *client_next_of(struct client *c, const char *type);
bool client_has_more(const struct client *c);
const char *client_error(struct client *c); /* code of the next error */

const char *text_of(json_t *frame, const char *name);
json_int_t number_of(json_t *frame, const char *name);
bool is_true(json_t *frame, const char *name); /* false if absent, too */

#endif

/* world.h - a chat in memory for unit tests: its journal and its archive answer when the test
 * wants, and only the test moves the time. client.h has people who use it. */
#ifndef WORLD_H
#define WORLD_H

#include "chat/chat.h"
#include "chat/model/ask.h"
#include "chat/model/bus.h"
#include "chat/model/session.h"

#include <jansson.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define WORLD_EVENTS_MAX  4096
#define WORLD_MARKERS_MAX 4096

struct kept_marker {
    uint64_t identity, read, backs;
    char room[64];
    bool joined;
};

struct world {
    struct chat_config config;
    struct chat *chat;
    uint64_t now_ms;
    struct source source;
    bool keyless;        /* the archive lacks the keys of polls */
    bool journal_broken; /* submits fail with ERR_UNAVAILABLE */
    bool nick_taken;     /* the log has another claim before each of this node */
    struct stored *events[WORLD_EVENTS_MAX];
    size_t event_count;
    struct answers {
        struct answer *first, **last;
    } journal, archive; /* submits and questions without an answer yet */
    uint64_t asked;     /* submits and questions so far */
    uint64_t turn;      /* of the newest question */
    uint64_t took_us;   /* how long the archive says that a question took */
    unsigned archive_reads;
    struct kept_marker markers[WORLD_MARKERS_MAX];
    size_t marker_count;
};

/* With the rooms "lobby" and "news" (only moderators post there). */
struct world *world_create(void);
/* The same as one of several nodes. */
struct world *world_create_node(const char *node, const struct bus_ops *ops, struct bus *bus);
/* Applies the events that another world's log has and this one lacks. */
void world_follow(struct world *w, const struct world *other);
/* The body of event i. A new reference. */
json_t *world_event_body(const struct world *w, size_t i);
/* Event i as the log has it: kind, author, key, and the body as submitted. New. */
json_t *world_event(const struct world *w, size_t i);
/* A person's marker in the archive, a new one if there is none. */
struct kept_marker *world_marker(struct world *w, uint64_t identity, const char *room);
void world_destroy(struct world **w);
/* For cases whose state is a world. */
int world_begin(void **state);
int world_finish(void **state);
/* Answers all submits and questions and flushes, until nothing is left to do. */
void world_settle(struct world *w);
/* Answers the oldest submit, or the oldest question. False: there is none. */
bool world_answer_journal(struct world *w);
bool world_answer_archive(struct world *w);
/* Lets the time pass, tick by tick. */
void world_pass(struct world *w, uint64_t ms);

const char *text_of(json_t *frame, const char *name);
json_int_t number_of(json_t *frame, const char *name);
bool is_true(json_t *frame, const char *name); /* an absent member is false */

#endif

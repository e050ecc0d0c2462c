/* client.h - a client of a world: its socket is an array of frames. */
#ifndef CLIENT_H
#define CLIENT_H

#include "world.h"

#define CLIENT_FRAMES_MAX 8192

struct client {
    struct world *world;
    struct session *session;
    size_t takes; /* bytes that its socket takes until it is full */
    json_t *frames[CLIENT_FRAMES_MAX];
    size_t count, seen; /* frames in all, and those that the test has looked at */
    unsigned pings;
    bool read_paused;
    int close_code; /* 0: open */
    char close_reason[128];
};

struct client *client_create(struct world *w);
/* A client that has said hello; its welcome counts as seen. */
struct client *client_named(struct world *w, const char *nick);
/* The same, and then joins the lobby; its `joined` counts as seen. */
struct client *client_joined(struct world *w, const char *nick);
/* The operator, as over the control socket. */
struct client *client_operator(struct world *w);
void client_destroy(struct client **c);
/* Sends a command; ' stands for ". */
void client_send(struct client *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
void client_say(struct client *c, const char *room, const char *id, const char *text);

/* The next frame that the test has not seen; fails the test if there is none. Borrowed. */
json_t *client_next(struct client *c);
/* The next frame of this type; skips others. */
json_t *client_next_of(struct client *c, const char *type);
bool client_has_more(const struct client *c);
/* The code of the next error. */
const char *client_error(struct client *c);

#endif

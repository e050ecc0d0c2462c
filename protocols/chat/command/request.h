/* request.h - a command that is answered off the loop. It names its session by an id that is never
 * used again, since the session may end first.
 *
 * A handler that needs more puts a struct request first in a struct of its own. */
#ifndef CHAT_REQUEST_H
#define CHAT_REQUEST_H

#include "private.h"

#include "chat/base/voter.h"

struct request {
    struct chat *chat;
    uint64_t session;
    uint64_t identity;   /* 0: before hello */
    char id[ID_MAX + 1]; /* "": the command had none */
    char room[ROOM_NAME_MAX + 1];
    uint64_t of;   /* a seq: the item that is changed, or where a page or a resume begins */
    uint64_t last; /* a seq: the room's newest, when the question was asked */
    unsigned limit;
    enum event_kind kind;
    const struct command *command;   /* whose gates it has passed */
    json_t *args;                    /* a reference; NULL: not needed later */
    uint64_t wait_ms;                /* when to try again, if that was found late */
    const char *bad;                 /* the field that is wrong, if it was found late: static */
    char receipt[RECEIPT_CHARS + 1]; /* for the `ok`; "": none */
    /* What else a stored event does; NULL: nothing. */
    void (*stored)(struct session *s, const struct request *q);
};

/* New, of `size` bytes, at least a struct request; what follows that is zero. `id`, `room` may be
 * NULL. NULL: no memory. */
void *request_create(size_t size, const struct session *s, const char *id, const char *room);
void request_destroy(struct request **q);

/* For a command that is answered off the loop: until request_done_take() the commands behind it
 * wait. NULL: no memory. */
void *request_later(size_t size, struct session *s, const struct call *c);
/* The answer is in s->out, or `err` is told. Consumes the request. */
void request_done_take(struct request *q, enum err err);

/* NULL: the session has ended. */
struct session *request_session(const struct request *q);
/* NULL: it has ended or is closing, so that nothing need be done for it. */
struct session *request_speaker(const struct request *q);
/* NULL: the command had none. Borrowed. */
const char *request_id(const struct request *q);

#endif

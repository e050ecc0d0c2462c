/* request.h - a command whose answer comes from another thread. It names its session by an id that
 * is never reused, since the session may end first.
 *
 * A handler that needs more fields puts a struct request first in a struct of its own. */
#ifndef CHAT_REQUEST_H
#define CHAT_REQUEST_H

#include "private.h"

#include "chat/base/bytes.h"
#include "chat/base/voter.h"

struct ask;

struct request {
    struct chat *chat;
    uint64_t session;
    uint64_t identity;   /* 0: before hello */
    char id[ID_MAX + 1]; /* "": the command had none */
    char room[ROOM_NAME_MAX + 1];
    uint64_t of;    /* the seq of the item or poll, or after which a join resumes */
    uint64_t last;  /* the seq of the room's newest event, when a join asked for a page */
    unsigned limit; /* items of that page */
    enum event_kind kind;
    const struct command *command;   /* for gate_recheck() */
    json_t *args;                    /* a reference; NULL: not needed later */
    uint64_t turn;                   /* of its questions */
    void (*answered)(struct ask *);  /* the `done` of the question that is asked now */
    bool caught_up;                  /* catch_up() was called: what is unknown does not exist */
    uint64_t wait_ms;                /* of a late error: how long to wait before trying again */
    const char *bad;                 /* of a late ERR_BAD_FIELD: the wrong field, static */
    char receipt[RECEIPT_CHARS + 1]; /* for the `ok`; "": none */
    struct bytes found;              /* by a question, for after the next one; freed with this */
    /* Called after the `ok` for a stored event. May be NULL. */
    void (*stored)(struct session *s, const struct request *q);
};

/* A new request of `size` bytes, at least a struct request; the rest is zero. `id` and `room` may
 * be NULL. NULL: no memory. */
void *request_create(size_t size, const struct session *s, const char *id, const char *room);
void request_destroy(struct request **q);

/* The request of a call whose answer comes later: the session's next commands wait until
 * request_done_take(). Removes unchecked members from the call's args. NULL: no memory. */
void *request_later(size_t size, struct session *s, const struct call *c);
/* Ends the command. OK: its answer is in s->out, or will come by a submit. Otherwise refuses the
 * command with `err`. Consumes the request. */
void request_done_take(struct request *q, enum err err);
/* Puts a question, whose `arg` is the request, in the person's turn. ERR_UNAVAILABLE, also if `ask`
 * is NULL: destroys it, done() does not follow. */
enum err request_question_take(struct request *q, struct ask *ask);
/* Puts the question whose `done` will end the request; refuses the command if that fails. `ask`
 * NULL: no memory. Consumes it. */
void request_ask_take(struct request *q, struct ask *ask);

/* NULL: the session has ended. */
struct session *request_session(const struct request *q);
/* NULL: the session has ended or is closing, and needs no answer. */
struct session *request_speaker(const struct request *q);
/* NULL: the command had none. Borrowed. */
const char *request_id(const struct request *q);

/* The `reason` of a command. NULL: it gives none. Borrowed. */
const char *reason_of(const json_t *args);
/* A reason is speech: ERR_MUTED if the command gives one and the person is muted in the room (NULL:
 * everywhere), or OK. */
enum err reason_check(const struct session *s, const json_t *args, const struct room *r);

#endif

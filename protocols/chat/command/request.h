/* request.h - a command that is being answered off the loop. It names its session by an id that is
 * never used again, since sessions may die first. For this folder only. */
#ifndef CHAT_REQUEST_H
#define CHAT_REQUEST_H

#include "chat/model/model.h"

struct command;

struct request {
    struct chat *chat;
    uint64_t session;
    uint64_t identity;   /* 0: she has not said who she is */
    char id[ID_MAX + 1]; /* "": the command had none */
    char room[ROOM_NAME_MAX + 1];
    uint64_t of;   /* a seq: what is edited, where a page or a resume begins */
    uint64_t last; /* a seq: the room's newest, when the question was asked */
    unsigned limit;
    enum event_kind kind;
    const struct command *command; /* whose gates it has passed */
    uint64_t wait_ms; /* when it may be tried again, if that was found late and is known */
    const char *bad;  /* the field that is wrong, if it was found late: static, or NULL */
    json_t *args;     /* the command, if it is needed later; its own reference */
    void *more;       /* see request_more() */
    void (*stored)(struct session *s, const struct request *q); /* NULL, or: what else to do then */
};

/* `id` may be NULL. NULL: no memory. */
struct request *request_create(const struct session *s, const char *id, const char *room);
void request_destroy(struct request **q);

/* Zeroed memory for what only one command needs; freed with the request. NULL: no memory. */
void *request_more(struct request *q, size_t n);

/* Whose it is, or NULL if she has gone. */
struct session *request_session(const struct request *q);
/* NULL if the command had none. Borrowed. */
const char *request_id(const struct request *q);

#endif

/* backlog.h - commands of a session that wait for an earlier one, in the order sent. */
#ifndef CHAT_BACKLOG_H
#define CHAT_BACKLOG_H

#include "model.h"

#include <jansson.h>

struct command;

/* A command that waits; `args` is a reference. */
struct waiting {
    struct list in_session;
    const struct command *command;
    json_t *args;
    size_t bytes; /* of the message */
};

/* Takes a reference of `args`. False: no memory, or the session's share is used up. */
bool backlog_add(struct session *s, const struct command *command, json_t *args, size_t bytes);
/* The oldest, or NULL. Borrowed. */
struct waiting *backlog_first(const struct session *s);
void backlog_remove(struct session *s, struct waiting *w);
void backlog_clear(struct session *s);
/* More than half of the share is used. */
bool backlog_is_long(const struct session *s);

#endif

/* backlog.h - a session's commands that wait for an earlier one, in the order sent.
 * Loop thread only. */
#ifndef CHAT_BACKLOG_H
#define CHAT_BACKLOG_H

#include "model.h"

#include <jansson.h>

struct command;

/* A command that waits. */
struct waiting {
    struct list in_session;
    const struct command *command;
    json_t *args; /* its own reference */
    size_t bytes; /* of the message */
};

/* Takes a reference of its own to `args`. False: no memory, or over limits.waiting or the bytes of
 * eight messages. */
bool backlog_add(struct session *s, const struct command *command, json_t *args, size_t bytes);
/* The oldest, or NULL. Borrowed. */
struct waiting *backlog_first(const struct session *s);
void backlog_remove(struct session *s, struct waiting *w);
void backlog_clear(struct session *s);
/* More than half of either limit is in use. */
bool backlog_is_long(const struct session *s);

#endif

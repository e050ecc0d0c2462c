/* backlog.h - a session's commands that wait for an earlier one, in the order sent.
 * Loop thread only. */
#ifndef CHAT_BACKLOG_H
#define CHAT_BACKLOG_H

#include "model.h"

struct command;

/* A command that waits, as the client sent it: its text parsed would take many times as much. */
struct waiting {
    struct list in_session;
    const struct command *command;
    size_t text_bytes;
    char text[];
};

/* Copies the text, n bytes, whose fields the caller has checked. False: no memory, or over
 * limits.waiting or the bytes of eight messages. */
bool backlog_add(struct session *s, const struct command *command, const char *text, size_t n);
/* The oldest, or NULL. Borrowed. */
struct waiting *backlog_first(const struct session *s);
/* Removes the oldest, which is now the caller's to free(3). */
struct waiting *backlog_take(struct session *s);
void backlog_clear(struct session *s);
/* More than half of either limit is in use. */
bool backlog_is_long(const struct session *s);

#endif

/* due_poll.h - polls that close by the clock. Loop thread only.
 *
 * Every node that knows of such a poll submits its end at `closes_at`. The key of that event is the
 * same on all nodes, so the log keeps one.
 *
 * However many polls are due at once, only DUE_POLLS_ASKED of their ends are in the journal at a
 * time: the next one follows an answer. So a person's post waits for a few of them, not for all. */
#ifndef CHAT_DUE_POLL_H
#define CHAT_DUE_POLL_H

#include "model.h"

#define DUE_POLLS_ASKED 16 /* the store closes so many in some milliseconds */

/* Adds an open poll. `closes_ms`: wall clock. ERR_UNAVAILABLE: no memory. */
enum err due_poll_add(struct chat *chat, const char *room, uint64_t seq, int64_t closes_ms);
/* Adds the poll that an event opens, drops the one that it closes or deletes. */
void due_polls_apply(struct chat *chat, const struct event *e);
/* Submits the ends of polls that are due, the earliest first. Call some times a second. */
void due_polls_tick(struct chat *chat);
/* Drops those of a room. */
void due_polls_forget_room(struct room *r);
/* Call it when the journal has answered every submit. */
void due_polls_forget(struct chat *chat);

#endif

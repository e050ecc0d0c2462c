/* due_poll.h - polls that close by the clock. Loop thread only.
 *
 * Every node that knows of such a poll submits its end at `closes_at`. The key of that event is the
 * same on all nodes, so the log keeps one. */
#ifndef CHAT_DUE_POLL_H
#define CHAT_DUE_POLL_H

#include "model.h"

/* Adds an open poll. `closes_ms`: wall clock. ERR_UNAVAILABLE: no memory. */
enum err due_poll_add(struct chat *chat, const char *room, uint64_t seq, int64_t closes_ms);
/* Adds the poll that an event opens, drops the one that it closes or deletes. */
void due_polls_apply(struct chat *chat, const struct event *e);
/* Submits the end of each poll that is due. Call some times a second. */
void due_polls_tick(struct chat *chat);
void due_polls_forget(struct chat *chat);

#endif

/* due_poll.h - polls that close by the clock. Every node that knows of one submits its end when the
 * time has come; the key of that event is the same on all nodes, so it is one event. */
#ifndef CHAT_DUE_POLL_H
#define CHAT_DUE_POLL_H

#include "model.h"

/* Adds an open poll at start. ERR_UNAVAILABLE: no memory. */
enum err due_poll_add(struct chat *chat, const char *room, uint64_t seq, int64_t closes_ms);
void due_polls_apply(struct chat *chat, const struct event *e);
/* Some times a second: submits the end of each poll that is due. */
void due_polls_tick(struct chat *chat);
void due_polls_forget(struct chat *chat);

#endif

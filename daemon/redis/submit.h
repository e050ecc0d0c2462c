/* submit.h - submits on their way to Redis, and what Redis answers. */
#ifndef REDIS_SUBMIT_H
#define REDIS_SUBMIT_H

#include "chat/model/journal.h"

/* journal_ops.submit */
enum err submit_event(struct journal *j, const struct event *e, journal_done *done, void *arg);
/* Sends the tickets of the outbox that are not on their way. */
void submit_outbox(struct journal *j);

#endif

/* newest.h - the newest number of a stream, as Redis has it. */
#ifndef REDIS_NEWEST_H
#define REDIS_NEWEST_H

#include "keys.h"
#include "link.h"

/* As redis_link_ask(); `cb` reads its reply by newest_read(). */
bool newest_ask(struct redis_link *link, struct redis_key stream, redisCallbackFn *cb, void *arg);
/* Of an answer with at most one entry. False: no answer. *seq_out is 0 without an entry. */
bool newest_read(const redisReply *reply, uint64_t *seq_out);

#endif

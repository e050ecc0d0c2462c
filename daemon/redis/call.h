/* call.h - one command for Redis, put together argument by argument on the caller's stack.
 *
 * Numbers, ids, keys and short texts are copied into the call; call_bytes() borrows. The limits are
 * those of our own longest commands: an assert holds them. */
#ifndef REDIS_CALL_H
#define REDIS_CALL_H

#include "keys.h"

#define CALL_ARGS_MAX 320   /* the script "offer" with 100 events of 3 arguments each */
#define CALL_TEXT_MAX 16384 /* SUBSCRIBE with 100 channels */

struct redis_call {
    int count;
    size_t used;     /* of `text` */
    char *key_count; /* of a script, one digit in `text`; NULL: this is no script */
    const char *args[CALL_ARGS_MAX];
    size_t sizes[CALL_ARGS_MAX];
    char text[CALL_TEXT_MAX];
};

/* `c` need not be set before. */
void call_begin(struct redis_call *c, const char *name);
void call_text(struct redis_call *c, const char *text);
void call_number(struct redis_call *c, int64_t n);
/* An event's number as the id "gen-n". */
void call_seq(struct redis_call *c, uint64_t seq);
/* Borrowed until the link has taken the call. */
void call_bytes(struct redis_call *c, const void *at, size_t n);
void call_key(struct redis_call *c, struct redis_key key);
/* The number of keys goes here. The script's keys follow, each by call_key(), then its arguments.
 */
void call_count_keys(struct redis_call *c);

#endif

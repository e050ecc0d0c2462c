/* rate.h - a token bucket in eight bytes (the "generic cell rate algorithm"). Pure, any thread.
 *
 * Never touches: the clock. The caller passes a monotonic time. */
#ifndef CHAT_RATE_H
#define CHAT_RATE_H

#include <stdbool.h>
#include <stdint.h>

/* All zero is a full bucket. */
struct rate {
    uint64_t due_us; /* when the bucket will be full again */
};

/* Takes `cost` tokens from a bucket of `burst` that gains one every `token_us` (0: no limit).
 * False: there are too few; takes none, and *wait_ms_out (may be NULL) is how long until it
 * succeeds. A cost above `burst` needs a full bucket. */
bool rate_take(struct rate *r, uint64_t token_us, uint64_t burst, uint64_t cost, uint64_t now_ms,
               uint64_t *wait_ms_out);

/* Takes `cost` tokens even if there are too few: the next ones come later. */
void rate_spend(struct rate *r, uint64_t token_us, uint64_t cost, uint64_t now_ms);

/* When the bucket will be full again, at least now: the later, the more has been taken of late. */
uint64_t rate_turn(const struct rate *r, uint64_t now_ms);

/* Gives back a token that rate_take() took. */
void rate_give(struct rate *r, uint64_t token_us);

#endif

/* rate.c - see rate.h. */
#include "rate.h"

#include <stddef.h>

bool rate_take(struct rate *r, uint64_t token_us, uint64_t burst, uint64_t cost, uint64_t now_ms,
               uint64_t *wait_ms_out)
{
    if (token_us == 0)
        return true;
    uint64_t now_us = now_ms * 1000;
    uint64_t due_us = (r->due_us > now_us ? r->due_us : now_us) + cost * token_us;
    uint64_t limit_us = now_us + (burst > cost ? burst : cost) * token_us;

    if (due_us > limit_us) {
        if (wait_ms_out != NULL)
            *wait_ms_out = (due_us - limit_us + 999) / 1000;
        return false;
    }
    r->due_us = due_us;
    return true;
}

void rate_spend(struct rate *r, uint64_t token_us, uint64_t cost, uint64_t now_ms)
{
    uint64_t now_us = now_ms * 1000;
    if (cost > 0)
        r->due_us = (r->due_us > now_us ? r->due_us : now_us) + cost * token_us;
}

uint64_t rate_turn(const struct rate *r, uint64_t now_ms)
{
    uint64_t now_us = now_ms * 1000;
    return r->due_us > now_us ? r->due_us : now_us;
}

void rate_give(struct rate *r, uint64_t token_us)
{
    r->due_us -= r->due_us < token_us ? r->due_us : token_us;
}

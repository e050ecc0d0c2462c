/* charge.c - see charge.h. */
#include "charge.h"

#include "chat/base/rate.h"
#include "chat/model/identity.h"

#define TOKEN_BYTES 65536 /* a usual page is less, and costs nothing more */

static struct rate *rate_of(struct session *s)
{
    return s->identity == NULL ? &s->rate : &s->identity->rate;
}

/* 0: no limit. */
static uint64_t token_us(const struct session *s)
{
    const struct chat_limits *limits = &s->chat->config->limits;
    bool is_operator = s->identity != NULL && s->identity->id == OPERATOR_ID;
    bool limited = limits->commands_per_second > 0 && limits->commands_burst > 0 && !is_operator;
    return limited ? 1000000 / limits->commands_per_second : 0;
}

enum err charge_tokens(struct session *s, unsigned tokens, uint64_t *wait_ms_out)
{
    return rate_take(rate_of(s), token_us(s), s->chat->config->limits.commands_burst, tokens,
                     s->chat->now_ms, wait_ms_out)
               ? OK
               : ERR_RATE;
}

uint64_t charge_turn(struct session *s) { return rate_turn(rate_of(s), s->chat->now_ms); }

void charge_answer(struct session *s, size_t bytes)
{
    rate_spend(rate_of(s), token_us(s), bytes / TOKEN_BYTES, s->chat->now_ms);
}

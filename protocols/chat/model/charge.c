/* charge.c - see charge.h. */
#include "charge.h"

#include "identity.h"

#include "chat/base/rate.h"

static struct rate *rate_of(struct session *s)
{
    return s->identity == NULL ? &s->rate : &s->identity->rate;
}

/* 0: no limit. `i` may be NULL. */
static uint64_t token_us(const struct chat *chat, const struct identity *i)
{
    const struct chat_limits *limits = &chat->config->limits;
    bool is_operator = i != NULL && i->id == OPERATOR_ID;
    bool limited = limits->commands_per_second > 0 && limits->commands_burst > 0 && !is_operator;
    return limited ? 1000000 / limits->commands_per_second : 0;
}

static enum err take(struct chat *chat, const struct identity *i, struct rate *from,
                     unsigned tokens, uint64_t *wait_ms_out)
{
    return rate_take(from, token_us(chat, i), chat->config->limits.commands_burst, tokens,
                     chat->now_ms, wait_ms_out)
               ? OK
               : ERR_RATE;
}

enum err charge_tokens(struct session *s, unsigned tokens, uint64_t *wait_ms_out)
{
    return take(s->chat, s->identity, rate_of(s), tokens, wait_ms_out);
}

enum err charge_hello(struct identity *i, uint64_t *wait_ms_out)
{
    return take(i->chat, i, &i->rate, 1, wait_ms_out);
}

uint64_t charge_turn(struct session *s) { return rate_turn(rate_of(s), s->chat->now_ms); }

void charge_reply(struct session *s, size_t bytes)
{
    rate_spend(rate_of(s), token_us(s->chat, s->identity), bytes / ANSWER_BYTES, s->chat->now_ms);
}

/* charge.c - see charge.h. */
#include "charge.h"

#include "identity.h"

#include "chat/base/rate.h"

static struct rate *rate_of(struct session *s)
{
    return s->identity == NULL ? &s->rate : &s->identity->rate;
}

static struct rate *reading_of(struct session *s)
{
    return s->identity == NULL ? &s->reading : &s->identity->reading;
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

uint64_t charge_turn(struct session *s)
{
    uint64_t by_tokens = rate_turn(rate_of(s), s->chat->now_ms);
    uint64_t by_reading = rate_turn(reading_of(s), s->chat->now_ms);
    return by_tokens > by_reading ? by_tokens : by_reading;
}

void charge_reading(struct session *s, uint64_t us)
{
    struct rate *r = reading_of(s);
    uint64_t latest_us = (s->chat->now_ms + READING_MEMORY_MS) * 1000;
    rate_spend(r, READING_SHARE, us, s->chat->now_ms);
    if (r->due_us > latest_us)
        r->due_us = latest_us;
}

void charge_reply(struct session *s, size_t bytes)
{
    rate_spend(rate_of(s), token_us(s->chat, s->identity), bytes / ANSWER_BYTES, s->chat->now_ms);
}

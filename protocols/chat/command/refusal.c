/* refusal.c - see refusal.h. */
#include "refusal.h"

#include "chat/model/model.h"
#include "chat/model/reply.h"
#include "chat/model/sink.h"
#include "chat/model/standings.h"

static bool is_noise(enum err e)
{
    return e == ERR_BAD_JSON || e == ERR_BAD_FIELD || e == ERR_UNKNOWN_TYPE || e == ERR_TOO_BIG ||
           e == ERR_HELLO_FIRST || e == ERR_RATE;
}

/* An error costs ten parts. ERR_RATE costs one: a client that obeys `retry_after` may still get it
 * now and then. */
static bool is_tolerated(struct session *s, enum err e)
{
    const unsigned errors = s->chat->config->limits.errors;
    uint64_t token_us = errors == 0 ? 0 : 6000000 / errors;
    return !is_noise(e) || rate_take(&s->errors, token_us, (uint64_t)10 * errors,
                                     e == ERR_RATE ? 1 : 10, s->chat->now_ms, NULL);
}

void refuse(struct session *s, const struct room *room, const char *id, enum err e,
            const char *field, uint64_t wait_ms)
{
    if (wait_ms == 0 && s->identity != NULL)
        wait_ms = standings_left_ms(s->chat, s->identity->id, room, e);
    reply_error(s, id, e, field, wait_ms);
    if (!is_tolerated(s, e))
        sink_close(s, CLOSE_FLOOD, "too many bad commands");
}

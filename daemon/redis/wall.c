/* wall.c - see wall.h. */
#include "wall.h"

#include "call.h"
#include "decimal.h"
#include "private.h"

#include "chat/base/body.h"

#define LATE_MS 500 /* after which an answer says nothing about jumps: those begin at a second */

int64_t wall_now_ms(const struct journal *j)
{
    int64_t shared_ms = clock_judged_ms(&j->clock, clock_now_ms());
    return shared_ms == 0 ? clock_wall_ms() : shared_ms;
}

/* A late first answer gives a rough time, which the first answer in time replaces. */
void wall_note(struct journal *j, int64_t redis_ms, int64_t asked_ms)
{
    int64_t now_ms = clock_now_ms();
    bool late = now_ms - asked_ms > LATE_MS;
    if (late && j->clock.offset_ms != 0)
        return;
    if (j->clock_is_rough)
        j->clock.offset_ms = 0;
    j->clock_is_rough = late;
    redis_ms = redis_ms < 0 ? 0 : redis_ms > AT_MAX ? AT_MAX : redis_ms;
    clock_judge(&j->clock, redis_ms, now_ms, clock_wall_ms());
}

/* Seconds and microseconds. */
static bool read_time(const redisReply *reply, int64_t *ms_out)
{
    uint64_t s, us;
    const char *text;
    if (reply == NULL || reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 ||
        reply->element[0]->type != REDIS_REPLY_STRING ||
        reply->element[1]->type != REDIS_REPLY_STRING)
        return false;
    text = reply->element[0]->str;
    if (!decimal_read(&text, '\0', &s) || s > (uint64_t)AT_MAX / 1000)
        return false;
    text = reply->element[1]->str;
    if (!decimal_read(&text, '\0', &us) || us >= 1000000)
        return false;
    *ms_out = (int64_t)(s * 1000 + us / 1000);
    return true;
}

static void on_time(redisAsyncContext *redis, void *raw, void *arg)
{
    struct journal *j = arg;
    int64_t redis_ms;
    (void)redis;
    if (read_time(raw, &redis_ms))
        wall_note(j, redis_ms, j->clock_asked_ms);
    j->clock_asked_ms = 0;
}

void wall_ask(struct journal *j)
{
    struct redis_call c;
    if (j->clock_asked_ms != 0)
        return;
    call_begin(&c, "TIME");
    if (redis_link_ask(j->ask, &c, on_time, j))
        j->clock_asked_ms = clock_now_ms();
}

/* wheel.c - see wheel.h. */
#include "wheel.h"

#define STUCK_SECONDS 15 /* a socket that takes no waiting bytes for so long is closed */

void wheel_init(struct chat *chat)
{
    for (size_t i = 0; i < WHEEL_SLOTS; i++)
        list_init(&chat->wheel[i]);
    chat->wheel_s = chat->now_ms / 1000;
}

/* The first ping comes at three quarters of the time, so that the pong has a quarter. */
uint64_t wheel_deadline_s(const struct session *s)
{
    const struct chat_limits *limits = &s->chat->config->limits;
    if (s->write_blocked)
        return (uint64_t)s->blocked_s + STUCK_SECONDS;
    if (s->state == SESSION_NEW)
        return (uint64_t)s->opened_s + limits->hello_seconds;
    uint64_t idle = limits->idle_seconds;
    if (s->read_paused) /* the client may have sent bytes that we do not read */
        return s->chat->wheel_s + idle;
    return s->heard_s + (s->pinged ? idle : (idle * 3 + 3) / 4);
}

void wheel_add(struct session *s)
{
    uint64_t now_s = s->chat->wheel_s, at = wheel_deadline_s(s);
    if (at <= now_s)
        at = now_s + 1;
    if (at >= now_s + WHEEL_SLOTS)
        at = now_s + WHEEL_SLOTS - 1; /* before the deadline: timeout.c adds it again */
    list_remove(&s->in_wheel);
    list_add(&s->chat->wheel[at % WHEEL_SLOTS], &s->in_wheel);
}

void wheel_each(struct chat *chat, void (*each)(struct session *s, void *arg), void *arg)
{
    for (size_t i = 0; i < WHEEL_SLOTS; i++)
        list_each(l, next, &chat->wheel[i]) each(list_entry(l, struct session, in_wheel), arg);
}

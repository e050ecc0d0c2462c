/* wheel.c - time limits of all connections, in one wheel of seconds instead of a timer each.
 *
 * A session stands in the slot of its next deadline. When the wheel comes by it is looked at, and
 * put where the next one is; what happened meanwhile (a message, a pong) costs the wheel nothing.
 */
#include "identity.h"
#include "session.h"

#define STUCK_SECONDS 15 /* a socket that took nothing for so long, with something to take */

void wheel_init(struct chat *chat)
{
    for (size_t i = 0; i < WHEEL_SLOTS; i++)
        list_init(&chat->wheel[i]);
    chat->wheel_s = chat->now_ms / 1000;
}

/* The first ping comes at three quarters of the time, so that the pong has a quarter. */
static uint64_t deadline_s(const struct session *s)
{
    const struct chat_limits *limits = &s->chat->config->limits;
    if (s->choked)
        return (uint64_t)s->choked_s + STUCK_SECONDS;
    if (s->state == SESSION_NEW)
        return (uint64_t)s->opened_s + limits->hello_seconds;
    uint64_t idle = limits->idle_seconds;
    if (s->deaf) /* it may be talking */
        return s->chat->wheel_s + idle;
    return s->heard_s + (s->pinged ? idle : (idle * 3 + 3) / 4);
}

void wheel_add(struct session *s)
{
    uint64_t now_s = s->chat->wheel_s, at = deadline_s(s);
    if (at <= now_s)
        at = now_s + 1;
    if (at >= now_s + WHEEL_SLOTS)
        at = now_s + WHEEL_SLOTS - 1; /* looked at once more on the way */
    list_remove(&s->in_wheel);
    list_add(&s->chat->wheel[at % WHEEL_SLOTS], &s->in_wheel);
}

static void look_at(struct session *s, uint64_t now_s)
{
    if (s->state == SESSION_CLOSING || deadline_s(s) > now_s)
        return;
    if (s->choked)
        session_close(s, CLOSE_TOO_SLOW, "too slow: resume");
    else if (s->state == SESSION_NEW)
        session_close(s, CLOSE_NO_HELLO, "no hello in time");
    else if (s->pinged)
        session_close(s, CLOSE_TOO_SLOW, "idle: resume");
    else {
        s->pinged = true;
        s->sink->ping(s->peer);
    }
}

static void turn_slot(struct chat *chat, uint64_t second)
{
    struct list due;
    list_take(&due, &chat->wheel[second % WHEEL_SLOTS]);
    list_each(l, next, &due)
    {
        struct session *s = list_entry(l, struct session, in_wheel);
        list_remove(&s->in_wheel);
        look_at(s, second);
        if (s->identity != NULL)
            identity_keep(s->identity);
        if (s->state != SESSION_CLOSING)
            wheel_add(s);
    }
}

void wheel_turn(struct chat *chat)
{
    uint64_t now_s = chat->now_ms / 1000;
    while (chat->wheel_s < now_s)
        turn_slot(chat, ++chat->wheel_s);
}

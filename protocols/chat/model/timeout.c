/* timeout.c - see timeout.h. */
#include "timeout.h"

#include "identity.h"
#include "sink.h"
#include "wheel.h"

static void look_at(struct session *s, uint64_t now_s)
{
    if (s->state == SESSION_CLOSING || wheel_deadline_s(s) > now_s)
        return;
    if (s->write_blocked)
        sink_close(s, CLOSE_TOO_SLOW, "too slow: resume");
    else if (s->state == SESSION_NEW)
        sink_close(s, CLOSE_NO_HELLO, "no hello in time");
    else if (s->pinged)
        sink_close(s, CLOSE_TOO_SLOW, "idle: resume");
    else {
        s->pinged = true;
        s->ops->ping(s->peer);
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

void timeouts_tick(struct chat *chat)
{
    uint64_t now_s = chat->now_ms / 1000;
    while (chat->wheel_s < now_s)
        turn_slot(chat, ++chat->wheel_s);
}

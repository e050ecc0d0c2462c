/* timeout.c - see timeout.h. */
#include "timeout.h"

#include "identity.h"
#include "sink.h"
#include "wheel.h"

#define SESSIONS_A_TICK 500 /* pings of some milliseconds */

static void look_at(struct session *s, uint64_t now_s)
{
    if (s->state == SESSION_CLOSING || wheel_deadline_s(s) > now_s)
        return;
    if (s->write_blocked)
        sink_close(s, CLOSE_TOO_SLOW, "too slow: resume");
    else if (s->state == SESSION_NEW && s->busy)
        sink_close(s, CLOSE_TOO_SLOW, "the server cannot answer now: say hello again");
    else if (s->state == SESSION_NEW)
        sink_close(s, CLOSE_NO_HELLO, "no hello in time");
    else if (s->pinged)
        sink_close(s, CLOSE_TOO_SLOW, "idle: resume");
    else {
        s->pinged = true;
        s->ops->ping(s->peer);
    }
}

static void come_up(struct session *s, uint64_t second)
{
    list_remove(&s->in_wheel);
    look_at(s, second);
    if (s->identity != NULL)
        identity_keep(s->identity);
    if (s->state != SESSION_CLOSING)
        wheel_add(s);
}

/* The slot of the wheel's second gets no new sessions. */
bool timeouts_tick(struct chat *chat)
{
    const uint64_t now_s = chat->now_ms / 1000;
    unsigned n = 0;
    for (;;) {
        struct list *slot = &chat->wheel[chat->wheel_s % WHEEL_SLOTS];
        while (!list_empty(slot)) {
            if (n++ == SESSIONS_A_TICK)
                return true;
            come_up(list_entry(slot->next, struct session, in_wheel), chat->wheel_s);
        }
        if (chat->wheel_s >= now_s)
            return false;
        chat->wheel_s++;
    }
}

static void restart(struct session *s, void *arg)
{
    (void)arg;
    s->heard_s = s->opened_s = s->blocked_s = (uint32_t)(s->chat->now_ms / 1000);
}

void timeouts_restart(struct chat *chat) { wheel_each(chat, restart, NULL); }

/* pacing.c - see pacing.h.
 *
 * A flush that took long served a crowd. If it had several events, more are likely to come: they
 * gather for twice as long as it took and go out in one write to each member instead of many. A
 * lone writer never waits, and nobody waits in rooms that are quick to serve. */
#include "pacing.h"

#include "chat/chat.h"

#define LONG_FLUSH_NS 500000
#define PAUSE_MAX_MS  10

void pacing_init(struct pacing *p, uv_loop_t *loop)
{
    *p = (struct pacing){0};
    uv_timer_init(loop, &p->pause);
}

void pacing_finish(struct pacing *p) { uv_close((uv_handle_t *)&p->pause, NULL); }

static void on_pause_over(uv_timer_t *timer)
{
    (void)timer; /* the loop has woken, and flushes before it sleeps again */
}

static void begin_pause(struct pacing *p, uint64_t flush_ns)
{
    uint64_t pause_ms = flush_ns / 500000 + 1; /* twice the flush */
    uv_update_time(p->pause.loop);             /* the pause begins now, not when the loop woke */
    uv_timer_start(&p->pause, on_pause_over, pause_ms < PAUSE_MAX_MS ? pause_ms : PAUSE_MAX_MS, 0);
}

void pacing_flush(struct pacing *p, struct chat *chat)
{
    if (uv_is_active((uv_handle_t *)&p->pause))
        return;
    uint64_t events = chat_stats(chat).events, begin_ns = uv_hrtime();
    chat_flush(chat);
    uint64_t gathered = events - p->events_flushed, took_ns = uv_hrtime() - begin_ns;
    p->events_flushed = events;
    if (took_ns > LONG_FLUSH_NS && gathered > 1)
        begin_pause(p, took_ns);
}

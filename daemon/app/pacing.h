/* pacing.h - when chat_flush() runs: once a turn of the loop, but not during a short pause after a
 * flush to a crowd. Loop thread only. */
#ifndef PACING_H
#define PACING_H

#include <stdint.h>
#include <uv.h>

struct chat;

struct pacing {
    uv_timer_t pause;
    uint64_t events_flushed; /* chat_stats().events at the last flush */
};

void pacing_init(struct pacing *p, uv_loop_t *loop);
/* The loop must run until the timer is closed. */
void pacing_finish(struct pacing *p);

/* Each time before the loop sleeps. */
void pacing_flush(struct pacing *p, struct chat *chat);

#endif

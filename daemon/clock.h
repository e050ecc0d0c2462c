/* clock.h - the time of day, which does not jump with the clock that it is read from. Any thread,
 * except where a function says otherwise.
 *
 * Times of messages, ends of polls, bans and mutes depend on it: a clock that is set a day ahead
 * for a minute must not end them. Small corrections are followed at once, a jump only when the
 * clock has stayed there for five minutes. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

/* Milliseconds since 1970. The first call believes the system's clock. */
int64_t clock_wall_ms(void);
/* Milliseconds of a clock that never jumps; only differences mean something. */
int64_t clock_now_ms(void);
/* Loop thread, at start, before the first clock_look(). `known_ms` is the newest time in the store;
 * 0: none. If the system's clock is more than a day ahead of it, nothing ends by that clock until
 * it has stayed there for five minutes: the machine may have been off, or may not have its time
 * yet. Meanwhile each jump is followed at once. */
void clock_compare(int64_t known_ms);
/* Loop thread. The time by which something ends if it is `wall_ms` now: earlier in those minutes.
 */
int64_t clock_end_ms(int64_t wall_ms);
/* Loop thread, some times a second: follows the system's clock, and logs its jumps. */
void clock_look(void);
/* Loop thread. Jumps of the system's clock so far. */
uint64_t clock_jumps(void);

/* A clock that may jump, and what chatd takes as its time. All zero but `name` before the first
 * clock_judge(). */
struct clock {
    const char *name; /* in the log */
    /* any thread */
    _Atomic int64_t offset_ms; /* since 1970, when clock_now_ms() was 0; 0: not known yet */
    /* loop thread */
    int64_t jump_ms, jumped_at_ms; /* a jump that is not followed; 0: none */
    uint64_t jumps;                /* so far */
};

/* Judges a reading: `read_ms` since 1970 (0 to AT_MAX), at the time `now_ms` of clock_now_ms().
 * `other_ms` is the time by another clock; 0: none. A time that is more than a day ahead of the
 * other clock is not followed; neither is one a day behind it, if they have agreed before. Logs
 * once when a jump begins and when it ends. Loop thread. */
void clock_judge(struct clock *c, int64_t read_ms, int64_t now_ms, int64_t other_ms);
/* The time since 1970 by a judged clock; 0: not known yet. */
int64_t clock_judged_ms(const struct clock *c, int64_t now_ms);

#endif

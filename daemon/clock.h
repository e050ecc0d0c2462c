/* clock.h - the time of day, which does not jump with the system's clock. Any thread, except where
 * a function says otherwise.
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
/* Loop thread, some times a second: follows the system's clock, and logs its jumps. */
void clock_look(void);

#endif

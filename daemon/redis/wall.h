/* wall.h - the time of day that all nodes share: that of Redis's clock, as clock.h judges it beside
 * this machine's. */
#ifndef REDIS_WALL_H
#define REDIS_WALL_H

#include <stdint.h>

struct journal;

/* Redis answered `redis_ms` (since 1970) to a question of the time `asked_ms` of clock_now_ms(). */
void wall_note(struct journal *j, int64_t redis_ms, int64_t asked_ms);
/* Asks Redis for its time. Call it once a second. */
void wall_ask(struct journal *j);
/* Since 1970; by this machine until Redis has answered. */
int64_t wall_now_ms(const struct journal *j);

#endif

/* clock.c - see clock.h. */
#include "clock.h"

#include "log.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#define JUMP_MS    1000
#define BELIEVE_MS (5 * 60 * 1000)
#define ABSURD_MS  INT64_C(1735689600000) /* 2025: earlier than this, a machine has no time yet */

static _Atomic int64_t offset_ms; /* since 1970, at the boot of the machine; 0: not known yet */

/* A jump that is not followed yet. Loop thread. */
static int64_t jump_ms, jumped_at_ms;

static int64_t read_ms(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* It goes on while the machine sleeps. */
int64_t clock_now_ms(void) { return read_ms(CLOCK_BOOTTIME); }

int64_t clock_wall_ms(void)
{
    int64_t steady = clock_now_ms(), unknown = 0;
    if (atomic_load(&offset_ms) == 0)
        atomic_compare_exchange_strong(&offset_ms, &unknown, read_ms(CLOCK_REALTIME) - steady);
    return steady + atomic_load(&offset_ms);
}

static void follow(int64_t by_ms) { atomic_fetch_add(&offset_ms, by_ms); }

void clock_look(void)
{
    int64_t off_ms = read_ms(CLOCK_REALTIME) - clock_wall_ms(), now_ms = clock_now_ms();
    bool jumped = llabs(off_ms) >= JUMP_MS, absurd = clock_wall_ms() < ABSURD_MS;
    if (!jumped && jump_ms != 0)
        log_info("clock is right again");
    if (!jumped) {
        jump_ms = 0;
        follow(off_ms);
    } else if (llabs(off_ms - jump_ms) >= JUMP_MS && !absurd) {
        log_warn("clock jumped by seconds=%" PRId64 ": chatd follows it in 5 minutes if it stays",
                 off_ms / 1000);
        jump_ms = off_ms;
        jumped_at_ms = now_ms;
    } else if (now_ms - jumped_at_ms >= BELIEVE_MS || absurd) {
        log_warn("clock seconds=%" PRId64 ": chatd follows it", off_ms / 1000);
        jump_ms = 0;
        follow(off_ms);
    }
}

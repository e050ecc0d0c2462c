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
#define FAR_MS     ((int64_t)24 * 3600 * 1000) /* a clock in the wrong time zone is not that far */

/* --- a clock that is judged ----------------------------------------------------------------- */

int64_t clock_judged_ms(const struct clock *c, int64_t now_ms)
{
    int64_t offset_ms = atomic_load(&c->offset_ms);
    return offset_ms == 0 ? 0 : now_ms + offset_ms;
}

/* Ahead destroys (what has an end is over), behind only waits: a clock that was far behind from the
 * start is believed, since the other one may be ahead. */
static bool is_strange(int64_t read_ms, int64_t judged_ms, int64_t other_ms)
{
    if (other_ms < ABSURD_MS)
        return false;
    bool agreed = llabs(judged_ms - other_ms) <= FAR_MS;
    return read_ms < ABSURD_MS || read_ms > other_ms + FAR_MS ||
           (agreed && read_ms < other_ms - FAR_MS);
}

static void begin(struct clock *c, int64_t offset_ms)
{
    int64_t unknown = 0;
    atomic_compare_exchange_strong(&c->offset_ms, &unknown, offset_ms);
}

static void note_jump(struct clock *c, int64_t off_ms, int64_t now_ms, bool strange)
{
    if (c->jump_ms == 0) {
        log_warn("%s jumped by seconds=%" PRId64 ": chatd %s", c->name, off_ms / 1000,
                 strange ? "does not follow it, as this machine's clock differs"
                         : "follows it in 5 minutes if it stays");
        c->jumps++;
    }
    c->jump_ms = off_ms;
    c->jumped_at_ms = now_ms;
}

static void follow(struct clock *c, int64_t by_ms)
{
    atomic_fetch_add(&c->offset_ms, by_ms);
    c->jump_ms = 0;
}

void clock_judge(struct clock *c, int64_t read_ms, int64_t now_ms, int64_t other_ms)
{
    int64_t judged_ms = clock_judged_ms(c, now_ms);
    bool strange = is_strange(read_ms, judged_ms, other_ms);
    begin(c, (strange ? other_ms : read_ms) - now_ms);
    judged_ms = clock_judged_ms(c, now_ms);
    int64_t off_ms = read_ms - judged_ms;
    bool jumped = llabs(off_ms) >= JUMP_MS, absurd = judged_ms < ABSURD_MS && !strange;
    if (!jumped && c->jump_ms != 0)
        log_info("%s is right again", c->name);
    if (!jumped) {
        follow(c, strange ? 0 : off_ms);
    } else if (llabs(off_ms - c->jump_ms) >= JUMP_MS && !absurd) {
        note_jump(c, off_ms, now_ms, strange);
    } else if ((now_ms - c->jumped_at_ms >= BELIEVE_MS && !strange) || absurd) {
        log_warn("%s seconds=%" PRId64 ": chatd follows it", c->name, off_ms / 1000);
        follow(c, off_ms);
    }
}

/* --- the system's --------------------------------------------------------------------------- */

static struct clock own = {.name = "clock"};

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
    int64_t now_ms = clock_now_ms();
    if (atomic_load(&own.offset_ms) == 0)
        begin(&own, read_ms(CLOCK_REALTIME) - now_ms);
    return clock_judged_ms(&own, now_ms);
}

/* --- at start ------------------------------------------------------------------------------- */

/* The time that the store knows, going on by the clock that never jumps. */
static struct {
    int64_t offset_ms; /* as that of a clock; 0: the system's clock is believed */
    int64_t since_ms;  /* the system's clock has not jumped since */
} known;

void clock_compare(int64_t known_ms)
{
    int64_t now_ms = clock_now_ms(), ahead_ms = clock_wall_ms() - known_ms;
    if (known_ms != 0 && ahead_ms < -JUMP_MS)
        log_warn("clock seconds=%" PRId64 " behind the newest stored event: times in that room %s",
                 -ahead_ms / 1000,
                 ahead_ms < -FAR_MS ? "go back to the clock's" : "stand still until then");
    if (known_ms == 0 || ahead_ms <= FAR_MS)
        return;
    log_info("clock: the newest stored event is %" PRId64 " hours old. In case the clock is wrong, "
             "polls, bans, mutes and unused nicknames end by it from 5 minutes on",
             ahead_ms / 3600000);
    known.offset_ms = known_ms - now_ms;
    known.since_ms = now_ms;
}

int64_t clock_end_ms(int64_t wall_ms)
{
    int64_t known_ms = known.offset_ms == 0 ? wall_ms : known.offset_ms + clock_now_ms();
    return known_ms < wall_ms ? known_ms : wall_ms;
}

static void doubt(int64_t wall_ms, int64_t now_ms)
{
    int64_t off_ms = wall_ms - clock_judged_ms(&own, now_ms);
    if (llabs(off_ms) >= JUMP_MS) {
        log_warn("clock jumped by seconds=%" PRId64 ": chatd follows it", off_ms / 1000);
        own.jumps++;
        follow(&own, off_ms);
        known.since_ms = now_ms;
    }
    bool near = wall_ms <= now_ms + known.offset_ms + FAR_MS;
    if (!near && now_ms - known.since_ms < BELIEVE_MS)
        return;
    log_info("clock is %s", near ? "right again" : "believed");
    known.offset_ms = 0;
}

void clock_look(void)
{
    int64_t wall_ms = read_ms(CLOCK_REALTIME), now_ms = clock_now_ms();
    if (known.offset_ms != 0)
        doubt(wall_ms, now_ms);
    clock_judge(&own, wall_ms, now_ms, 0);
}

uint64_t clock_jumps(void) { return own.jumps; }

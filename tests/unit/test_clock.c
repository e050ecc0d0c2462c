/* test_clock.c - which readings of a clock are believed (daemon/clock.c). */
#include "clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define S    ((int64_t)1000)
#define HOUR (3600 * S)
#define DAY  (24 * HOUR)
#define YEAR (365 * DAY)
#define NOON INT64_C(1790000000000) /* in 2026 */
#define BOOT (50 * S)

struct watch {
    struct clock clock;
    int64_t now_ms;
};

static struct watch begin(void)
{
    return (struct watch){.clock = {.name = "test clock"}, .now_ms = BOOT};
}

/* What is believed after a reading that is `off_ms` off; the other clock is `other_off_ms` off, or
 * there is none. */
static int64_t look(struct watch *w, int64_t off_ms, const int64_t *other_off_ms)
{
    int64_t right_ms = NOON + w->now_ms;
    clock_judge(&w->clock, right_ms + off_ms, w->now_ms,
                other_off_ms == NULL ? 0 : right_ms + *other_off_ms);
    return clock_judged_ms(&w->clock, w->now_ms) - right_ms;
}

/* The same once a second. */
static int64_t look_for(struct watch *w, int64_t seconds, int64_t off_ms,
                        const int64_t *other_off_ms)
{
    int64_t believed = 0;
    for (; seconds > 0; seconds--) {
        w->now_ms += S;
        believed = look(w, off_ms, other_off_ms);
    }
    return believed;
}

static const int64_t right = 0;

static void a_clock_is_unknown_until_it_is_read(void **state)
{
    struct watch w = begin();
    (void)state;
    assert_int_equal(clock_judged_ms(&w.clock, w.now_ms), 0);
    assert_int_equal(look(&w, HOUR, &right), HOUR);
}

static void a_small_correction_is_followed_at_once(void **state)
{
    struct watch w = begin();
    (void)state;
    look(&w, 0, NULL);
    assert_int_equal(look_for(&w, 1, 900, NULL), 900);
    assert_int_equal(look_for(&w, 1, 0, NULL), 0);
    assert_int_equal(w.clock.jumps, 0);
}

static void a_jump_is_followed_after_five_minutes(void **state)
{
    const int64_t jumps[] = {HOUR, -HOUR};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct watch w = begin();
        look(&w, 0, &right);
        assert_int_equal(look_for(&w, 300, jumps[i], &right), 0);
        assert_int_equal(look_for(&w, 1, jumps[i], &right), jumps[i]);
        assert_int_equal(w.clock.jumps, 1);
    }
}

static void a_jump_that_ends_in_time_is_not_followed(void **state)
{
    struct watch w = begin();
    (void)state;
    look(&w, 0, NULL);
    assert_int_equal(look_for(&w, 299, DAY, NULL), 0);
    assert_int_equal(look_for(&w, 1, 0, NULL), 0);
    assert_int_equal(look_for(&w, 299, DAY, NULL), 0);
    assert_int_equal(w.clock.jumps, 2);
}

static void a_jump_far_from_the_other_clock_is_never_followed(void **state)
{
    const int64_t jumps[] = {2 * DAY, -2 * DAY, 10 * YEAR, -10 * YEAR};
    (void)state;
    for (size_t i = 0; i < sizeof jumps / sizeof *jumps; i++) {
        struct watch w = begin();
        look(&w, 0, &right);
        assert_int_equal(look_for(&w, 1000, jumps[i], &right), 0);
        assert_int_equal(w.clock.jumps, 1);
    }
}

static void a_clock_that_runs_too_fast_gets_a_day_ahead_at_most(void **state)
{
    struct watch w = begin();
    int64_t believed = 0;
    (void)state;
    look(&w, 0, &right);
    for (int64_t off_ms = 0; off_ms < 2 * DAY; off_ms += 900) {
        int64_t now = look_for(&w, 1, off_ms, &right);
        believed = now > believed ? now : believed;
    }
    assert_in_range(believed, HOUR, DAY);
}

static void a_first_reading_far_ahead_gives_way_to_the_other_clock(void **state)
{
    struct watch w = begin();
    (void)state;
    assert_int_equal(look(&w, 10 * YEAR, &right), 0);
    assert_int_equal(look_for(&w, 1000, 10 * YEAR, &right), 0);
    assert_int_equal(look_for(&w, 1, 0, &right), 0);
}

/* The other clock may be the wrong one, and a time far ahead would end bans and polls. */
static void a_first_reading_far_behind_the_other_clock_is_believed(void **state)
{
    const int64_t ahead = 10 * YEAR;
    struct watch w = begin();
    (void)state;
    assert_int_equal(look(&w, 0, &ahead), 0);
    assert_int_equal(look_for(&w, 301, HOUR, &ahead), HOUR);
}

static void a_machine_without_a_time_is_not_asked(void **state)
{
    const int64_t none = -30 * YEAR;
    struct watch w = begin();
    (void)state;
    assert_int_equal(look(&w, 0, &none), 0);
    w = begin();
    assert_int_equal(look(&w, none, &right), 0);
    w = begin();
    assert_int_equal(look(&w, none, &none), none);
    assert_int_equal(look_for(&w, 1, 0, &right), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clock_is_unknown_until_it_is_read),
        cmocka_unit_test(a_small_correction_is_followed_at_once),
        cmocka_unit_test(a_jump_is_followed_after_five_minutes),
        cmocka_unit_test(a_jump_that_ends_in_time_is_not_followed),
        cmocka_unit_test(a_jump_far_from_the_other_clock_is_never_followed),
        cmocka_unit_test(a_clock_that_runs_too_fast_gets_a_day_ahead_at_most),
        cmocka_unit_test(a_first_reading_far_ahead_gives_way_to_the_other_clock),
        cmocka_unit_test(a_first_reading_far_behind_the_other_clock_is_believed),
        cmocka_unit_test(a_machine_without_a_time_is_not_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

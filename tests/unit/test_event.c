/* test_event.c - the table of kinds, and what a node submits again after it was cut off. */
#include "world.h"

#include "chat/base/event.h"

#include <string.h>

static struct event event_of(enum event_kind kind, const char *room, const char *key,
                             const char *body)
{
    return (struct event){.room = room,
                          .seq = 7,
                          .at_ms = 1000,
                          .kind = kind,
                          .author = 3,
                          .of = 5,
                          .key = key,
                          .body = body,
                          .body_bytes = strlen(body)};
}

/* The body that event_repeat() submits, or NULL. Static, until the next call. */
static const char *repeated(const struct event *e, struct event *again)
{
    static char text[256];
    struct bytes body = {0};
    bool repeats = event_repeat(e, again, &body);
    if (repeats)
        snprintf(text, sizeof text, "%.*s", (int)again->body_bytes, again->body);
    bytes_finish(&body);
    return repeats ? text : NULL;
}

static void a_number_that_is_no_kind_has_no_class(void **state)
{
    (void)state;
    static const int none[] = {-1, 0, 3, 14, 63, 126, 128, 100000};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        const struct event_traits *t = event_traits((enum event_kind)none[i]);
        assert_int_equal(t->class, CLASS_NONE);
        assert_string_equal(t->type, "unknown");
    }
}

static void items_and_only_items_are_below_the_border(void **state)
{
    (void)state;
    for (int k = 1; k <= EVENT_KIND_MAX; k++) {
        const struct event_traits *t = event_traits((enum event_kind)k);
        if (t->class != CLASS_NONE)
            assert_int_equal(t->class == CLASS_ITEM, k < EVENT_ITEM_END);
    }
}

/* A log of 100 hours that gets an event from the year 9999. */
static void a_time_far_ahead_does_not_date_what_follows_it(void **state)
{
    (void)state;
    const int64_t hour = 3600 * 1000, now = 100 * hour, far = 253402300799999;
    assert_int_equal(event_time(now, 0), now);
    assert_int_equal(event_time(far, now), far);
    assert_int_equal(event_time(now, far), now);
    assert_int_equal(event_time(now - 1, now), now);
    assert_int_equal(event_time(now - 24 * hour, now), now);
    assert_int_equal(event_time(now - 24 * hour - 1, now), now - 24 * hour - 1);
}

static void a_message_is_repeated_as_it_is(void **state)
{
    (void)state;
    struct event again, e = event_of(EVENT_MESSAGE, "lobby", "k", "{\"text\":\"hi\"}");
    assert_string_equal(repeated(&e, &again), "{\"text\":\"hi\"}");
    assert_string_equal(again.key, "k");
}

static void gaps_and_voids_are_not_repeated(void **state)
{
    (void)state;
    struct event again, gap = event_of(EVENT_GAP, "lobby", NULL, "{\"after\":1}");
    struct event empty = event_of(EVENT_VOID, "lobby", NULL, "{}");
    assert_null(repeated(&gap, &again));
    assert_null(repeated(&empty, &again));
}

static void a_vote_says_that_it_is_repeated_and_a_scrubbed_one_stays(void **state)
{
    (void)state;
    struct event again, e = event_of(EVENT_BALLOT, "lobby", "k", "{\"choices\":[1]}");
    assert_string_equal(repeated(&e, &again), "{\"choices\":[1],\"again\":true}");
    assert_non_null(strstr(repeated(&e, &again), EVENT_REPEATED));
    e.key = NULL;
    assert_null(repeated(&e, &again));
}

static void the_end_of_a_poll_is_judged_again(void **state)
{
    (void)state;
    struct event again, e = event_of(EVENT_POLL_CLOSED, "lobby", "k",
                                     "{\"poll\":5,\"voters\":2,\"counts\":[1,1],\"by\":\"Ann\","
                                     "\"digest\":\"00\"}");
    assert_string_equal(repeated(&e, &again), "{\"poll\":5,\"by\":\"Ann\"}");
}

static void an_act_is_repeated_where_it_decides_and_a_purge_everywhere(void **state)
{
    (void)state;
    struct event again, ban = event_of(EVENT_BAN, SERVER_LOG, "k", "{\"nick\":\"Bob\"}");
    assert_non_null(repeated(&ban, &again));
    assert_null(again.key);
    ban.room = "lobby";
    assert_null(repeated(&ban, &again));
    struct event purge = event_of(EVENT_PURGE, "lobby", "k", "{\"nick\":\"Bob\"}");
    assert_non_null(repeated(&purge, &again));
    assert_null(again.key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_that_is_no_kind_has_no_class),
        cmocka_unit_test(items_and_only_items_are_below_the_border),
        cmocka_unit_test(a_time_far_ahead_does_not_date_what_follows_it),
        cmocka_unit_test(a_message_is_repeated_as_it_is),
        cmocka_unit_test(gaps_and_voids_are_not_repeated),
        cmocka_unit_test(a_vote_says_that_it_is_repeated_and_a_scrubbed_one_stays),
        cmocka_unit_test(the_end_of_a_poll_is_judged_again),
        cmocka_unit_test(an_act_is_repeated_where_it_decides_and_a_purge_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

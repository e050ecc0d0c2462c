/* test_refusal.c - what refusals count and log (protocols/refusal.h). */
#include "world.h"

#include "refusal.h"

#include <string.h>

static char lines[20000];
static size_t count;

static void on_line(const char *line)
{
    strncat(lines, line, sizeof lines - strlen(lines) - 2);
    strcat(lines, "\n");
    count++;
}

static int begin(void **state)
{
    lines[0] = '\0';
    count = 0;
    return (*state = refusals_create(on_line)) == NULL ? -1 : 0;
}

static int end(void **state)
{
    struct refusals *r = *state;
    refusals_destroy(&r);
    return 0;
}

static void ten_thousand_refusals_are_two_lines_with_their_sum(void **state)
{
    struct refusals *r = *state;
    for (int i = 0; i < 10000; i++)
        refusals_add(r, REFUSAL_HOST, "192.0.2.7", "host=evil", 1000);
    refusals_tick(r, 10999);
    assert_int_equal(count, 1);
    assert_non_null(strstr(lines, "refused reason=host address=192.0.2.7 host=evil: list "));
    refusals_tick(r, 11000);
    assert_int_equal(count, 2);
    assert_non_null(strstr(lines, "refused reason=host address=192.0.2.7 more=9999: list "));
    refusals_tick(r, 21000);
    refusals_tick(r, 31000);
    assert_int_equal(count, 2);
    refusals_add(r, REFUSAL_HOST, "192.0.2.7", NULL, 31000); /* quiet for so long: told at once */
    assert_int_equal(count, 3);
}

static void reasons_and_addresses_are_told_apart(void **state)
{
    struct refusals *r = *state;
    refusals_add(r, REFUSAL_HOST, "192.0.2.7", NULL, 0);
    refusals_add(r, REFUSAL_ORIGIN, "192.0.2.7", NULL, 0);
    refusals_add(r, REFUSAL_HOST, "192.0.2.8", NULL, 0);
    assert_int_equal(count, 3);
}

static void many_addresses_do_not_flood_the_log(void **state)
{
    struct refusals *r = *state;
    char address[30];
    for (int i = 0; i < 5000; i++) {
        snprintf(address, sizeof address, "2001:db8:0:%x::/64", i);
        refusals_add(r, REFUSAL_ADDRESS, address, NULL, 0);
    }
    assert_int_equal(count, 65);
    refusals_tick(r, 10000);
    assert_int_equal(count, 66);
    assert_non_null(strstr(lines, "refused reason=address address=others more=4935: "));
}

static void every_reason_is_counted_by_its_name(void **state)
{
    struct refusals *r = *state;
    struct bytes b = {0};
    refusals_add(r, REFUSAL_ORIGIN, "a", NULL, 0);
    refusals_add(r, REFUSAL_ORIGIN, "b", NULL, 0);
    refusals_metrics(r, &b);
    bytes_add(&b, "", 1);
    assert_non_null(strstr(b.at, "chatd_refused_total{reason=\"origin\"} 2\n"));
    assert_non_null(strstr(b.at, "chatd_refused_total{reason=\"headers\"} 0\n"));
    bytes_finish(&b);
    for (int why = 0; why < REFUSAL_COUNT; why++)
        assert_in_range(refusal_answer((enum refusal)why)->status, 400, 505);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ten_thousand_refusals_are_two_lines_with_their_sum, begin,
                                        end),
        cmocka_unit_test_setup_teardown(reasons_and_addresses_are_told_apart, begin, end),
        cmocka_unit_test_setup_teardown(many_addresses_do_not_flood_the_log, begin, end),
        cmocka_unit_test_setup_teardown(every_reason_is_counted_by_its_name, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_field.c - lists in header fields (protocols/field.h). */
#include "world.h"

#include "field.h"

static void a_list_names_whole_words_only(void **state)
{
    (void)state;
    assert_true(field_names("chat", "chat"));
    assert_true(field_names("x, Chat ,y", "chat"));
    assert_false(field_names("chatter, xchat", "chat"));
    assert_false(field_names("", "chat"));
}

static void an_entity_tag_is_found_strong_or_weak(void **state)
{
    (void)state;
    assert_true(field_has_tag("\"ab\"", "\"ab\""));
    assert_true(field_has_tag("\"x\", W/\"ab\"", "\"ab\""));
    assert_true(field_has_tag("*", "\"ab\""));
    assert_false(field_has_tag("\"abc\"", "\"ab\""));
}

static void a_coding_is_accepted_by_name_or_star_unless_its_weight_is_zero(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        bool accepted;
    } cases[] = {
        {"gzip", true},
        {"gzip, deflate, br", true},
        {"br;q=1.0, GZIP;q=0.5, *;q=0", true},
        {"deflate , gzip ; q = 0.001", true},
        {"*", true},
        {"br, *;q=0.1", true},
        {"gzip;q=0", false},
        {"gzip;q=0.000, *", false},
        {"gzip; Q=0 , br", false},
        {"*;q=0", false},
        {"identity", false},
        {"xgzip, gzipped", false},
        {"", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (field_accepts(cases[i].list, "gzip") != cases[i].accepted)
            fail_msg("Accept-Encoding: %s", cases[i].list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_names_whole_words_only),
        cmocka_unit_test(an_entity_tag_is_found_strong_or_weak),
        cmocka_unit_test(a_coding_is_accepted_by_name_or_star_unless_its_weight_is_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

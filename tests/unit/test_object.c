/* test_object.c - JSON that is written member by member. */
#include "world.h"

#include "chat/base/object.h"

#include <stdlib.h>
#include <string.h>

static void assert_written(struct bytes *b, const char *text)
{
    bytes_add(b, "", 1);
    assert_false(b->failed);
    assert_string_equal(b->at, text);
    bytes_finish(b);
}

static void commas_stand_between_members_and_nowhere_else(void **state)
{
    (void)state;
    struct bytes b = {0};
    object_begin(&b, NULL);
    object_add_text(&b, "type", "here");
    object_add_number(&b, "count", UINT64_MAX);
    object_add_bool(&b, "more", false);
    array_begin(&b, "came");
    object_begin(&b, NULL);
    object_end(&b);
    object_begin(&b, NULL);
    object_add_text(&b, "nick", "Ann");
    object_end(&b);
    array_end(&b);
    array_begin(&b, "left");
    object_add_text(&b, NULL, "Bob");
    object_add_text(&b, NULL, "Eve");
    array_end(&b);
    object_end(&b);
    assert_written(&b, "{\"type\":\"here\",\"count\":18446744073709551615,\"more\":false,"
                       "\"came\":[{},{\"nick\":\"Ann\"}],\"left\":[\"Bob\",\"Eve\"]}");
}

static void a_text_that_ends_in_a_bracket_is_no_opening_bracket(void **state)
{
    (void)state;
    struct bytes b = {0};
    object_begin(&b, NULL);
    object_add_text(&b, "a", "x{");
    object_add_text(&b, "b", "[");
    object_add_text(&b, "c", ":");
    object_add_text(&b, "d", "\"\\\n\x01");
    object_end(&b);
    assert_written(&b, "{\"a\":\"x{\",\"b\":\"[\",\"c\":\":\",\"d\":\"\\\"\\\\\\n\\u0001\"}");
}

static void a_nul_before_a_member_is_no_opening_bracket(void **state)
{
    (void)state;
    struct bytes b = {0};
    bytes_add(&b, "", 1);
    object_add_bool(&b, "on", true);
    assert_memory_equal(b.at, "\0,\"on\":true", b.size);
    bytes_finish(&b);
}

static void an_absent_text_is_no_member(void **state)
{
    (void)state;
    struct bytes b = {0};
    object_begin(&b, NULL);
    object_add_text(&b, "a", NULL);
    object_add_text(&b, "b", "");
    object_end(&b);
    assert_written(&b, "{\"b\":\"\"}");
}

static void json_and_members_are_taken_as_they_are(void **state)
{
    (void)state;
    struct bytes b = {0};
    json_t *value = json_pack("[s, i]", "x", 1);
    object_begin(&b, NULL);
    object_add_json(&b, "items", "[1,2]", 5);
    object_add_value(&b, "value", value);
    object_add_members(&b, "{}", 2);
    object_add_members(&b, "{\"k\":1,\"l\":2}", 13);
    object_end(&b);
    json_decref(value);
    assert_written(&b, "{\"items\":[1,2],\"value\":[\"x\",1],\"k\":1,\"l\":2}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_stand_between_members_and_nowhere_else),
        cmocka_unit_test(a_text_that_ends_in_a_bracket_is_no_opening_bracket),
        cmocka_unit_test(a_nul_before_a_member_is_no_opening_bracket),
        cmocka_unit_test(an_absent_text_is_no_member),
        cmocka_unit_test(json_and_members_are_taken_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

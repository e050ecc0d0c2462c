/* test_mention.c - the names that a text may mention (chat/base/at_name.h), and the members of a
 * body that say whom it does (chat/base/mention.h). */
#include "world.h"

#include "chat/base/at_name.h"
#include "chat/base/body.h"
#include "chat/base/item.h"
#include "chat/base/mention.h"
#include "chat/base/object.h"

#include <string.h>

/* --- names ---------------------------------------------------------------------------------- */

/* All names of the text, each in brackets. */
static const char *names_of(const char *text, char *to, size_t size)
{
    struct at_names names = {.text = text, .n = (int32_t)strlen(text)};
    struct at_name name;
    size_t n = 0;
    to[0] = '\0';
    while (at_name_next(&names, &name))
        n += (size_t)snprintf(to + n, size - n, "[%.*s]", (int)(name.end - name.begin),
                              text + name.begin);
    return to;
}

static void every_end_of_a_word_may_end_a_name(void **state)
{
    static const char *const cases[][2] = {
        {"@Bob B", "[Bob][Bob B]"},
        {"@Bob.", "[Bob][Bob.]"},
        {"Hi @a @b", "[a][a @][a @b][b]"},
        {"@\"Bob B\" x", "[Bob B]"},
        {"@\"Bob", ""},
        {"@\"\"", ""},
        {"@田中さん", "[田][田中][田中さ][田中さん]"},
        {"@e\u0301a", "[e\u0301a]"},
        {"@", ""},
        {"@\nx", ""},
        {"x@y", ""},
        {"`@a`@b", "[b]"},
        {"```\n@a\n```\n@b", "[b]"},
        {"`@a", "[a]"},
        {"```@a", "[a]"},
        {"``@a`` @b", "[b]"},
        {"``@a` @b", "[a][a`][a` @][a` @b][b]"},
        {"`@a\n@b`", ""},
        {"`@a\n\n@b`", "[a][b][b`]"},
        {"\\`@a`", "[a][a`]"},
        {"```\n@a\n\n@b\n````@c", "[c]"},
        {"@12345678901234567890123456789012", "[12345678901234567890123456789012]"},
        {"@123456789012345678901234567890123", ""},
    };
    char names[512];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(names_of(cases[i][0], names, sizeof names), cases[i][1]);
}

/* --- members -------------------------------------------------------------------------------- */

static const struct mention two[] = {{7, "ann"}, {4711, "],\"mentioned\":[9]}"}};

/* The body is new. */
static struct event event_of(const char *text, const struct mention *named, size_t n, bool room)
{
    struct bytes body = {0};
    object_begin(&body, NULL);
    object_add_text(&body, "from", "bob");
    object_add_text(&body, "text", text);
    mention_write(&body, named, n, room);
    object_end(&body);
    bytes_add(&body, "", 1);
    return (struct event){.room = "lobby",
                          .seq = 2,
                          .kind = EVENT_MESSAGE,
                          .body = body.at,
                          .body_bytes = body.size - 1};
}

static json_t *written(const struct event *e, const char *patch)
{
    struct bytes text = {0};
    assert_true(item_write(&text, e, patch));
    json_t *item = json_loadb(text.at, text.size, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(item);
    bytes_finish(&text);
    return item;
}

static void assert_names(const struct event *e, const char *patch, size_t n)
{
    json_t *item = written(e, patch);
    assert_int_equal(json_array_size(json_object_get(item, "mentions")), n);
    assert_null(json_object_get(item, "mentioned"));
    json_decref(item);
}

static void members_see_nicks_and_no_identities(void **state)
{
    struct event e = event_of("@ann", two, 2, true), none = event_of("@ann", NULL, 0, false);
    (void)state;
    assert_int_equal(event_check(&e), FAULT_NONE);
    assert_names(&e, NULL, 2);
    assert_names(&e, "{\"reactions\":[]}", 2);
    assert_int_equal(event_hash(&e), event_hash(&none));
    assert_int_equal(mention_begin(e.body, e.body_bytes), none.body_bytes - 1);
    assert_int_equal(mention_begin(none.body, none.body_bytes), none.body_bytes);
    free((char *)(uintptr_t)e.body);
    free((char *)(uintptr_t)none.body);
}

static void a_text_cannot_bring_the_members(void **state)
{
    struct event e = event_of("x\",\"mentions\":[],\"mentioned\":[1]}", two, 0, false);
    (void)state;
    assert_int_equal(mention_hidden(e.body, e.body_bytes), e.body_bytes);
    free((char *)(uintptr_t)e.body);
}

static void bad_members_are_a_fault(void **state)
{
    static const char *const bad[] = {
        "\"mentions\":[\"ann\"]",
        "\"mentioned\":[1]",
        "\"mentions_room\":true",
        "\"mentions\":[\"ann\"],\"mentioned\":[]",
        "\"mentions\":[\"\"],\"mentioned\":[1]",
        "\"mentions\":[1],\"mentioned\":[1]",
        "\"mentions\":[\"ann\"],\"mentioned\":[0]",
        "\"mentions\":[\"ann\"],\"mentioned\":[\"a\"]",
        "\"mentions\":[],\"mentions_room\":1,\"mentioned\":[]",
    };
    char body[200];
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int n = snprintf(body, sizeof body, "{\"from\":\"a\",\"text\":\"b\",%s}", bad[i]);
        struct event e = {.room = "lobby",
                          .seq = 1,
                          .kind = EVENT_MESSAGE,
                          .body = body,
                          .body_bytes = (size_t)n};
        assert_int_equal(event_check(&e), FAULT_FIELD);
    }
}

static void an_edit_and_a_delete_replace_them(void **state)
{
    struct event e = event_of("@ann", two, 2, false), edit = event_of("@bob", two, 1, false),
                 quiet = event_of("nobody", NULL, 0, false);
    char *patch = item_edited(NULL, &edit), *again = item_edited(patch, &quiet),
         *deleted = item_deleted(), *body = body_redacted(e.body);
    (void)state;
    assert_true(item_patch_ok(patch) && item_patch_ok(again));
    assert_names(&e, patch, 1);
    assert_names(&e, again, 0);
    assert_names(&e, deleted, 0);
    assert_null(strstr(body, "mention"));
    free(patch), free(again), free(deleted), free(body);
    free((char *)(uintptr_t)e.body);
    free((char *)(uintptr_t)edit.body);
    free((char *)(uintptr_t)quiet.body);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_end_of_a_word_may_end_a_name),
        cmocka_unit_test(members_see_nicks_and_no_identities),
        cmocka_unit_test(a_text_cannot_bring_the_members),
        cmocka_unit_test(bad_members_are_a_fault),
        cmocka_unit_test(an_edit_and_a_delete_replace_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

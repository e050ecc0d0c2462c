/* test_redis_wire.c - how an event, its number and its room are written in Redis. */
#include "redis/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static uint64_t read_id(const char *text) { return redis_id_read(text, NULL); }

static void a_number_is_an_id_and_back(void **state)
{
    const uint64_t numbers[] = {1, seq_of(1, 0), seq_of(1, 1), seq_of(7, 123456789),
                                seq_of(GEN_MAX, N_MASK)};
    char id[REDIS_ID_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        redis_id_write(id, numbers[i]);
        assert_true(read_id(id) == numbers[i]);
        assert_true(numbers[i] < (uint64_t)1 << 53);
    }
    assert_true(seq_first(0) == 1 && seq_first(3) == seq_of(3, 0));
}

static void what_is_no_id_is_zero(void **state)
{
    static const char *const wrong[] = {"",
                                        "-",
                                        "1-",
                                        "-1",
                                        "1",
                                        "1-2 ",
                                        "1-2x",
                                        "x1-2",
                                        " 1-2",
                                        "+1-2",
                                        "1--2",
                                        "1-+2",
                                        "8192-1",
                                        "0-0",
                                        "1-1099511627776",
                                        "1-2-3",
                                        "0x1-2",
                                        "1.0-2",
                                        "99999999999999999999-1",
                                        "1-99999999999999999999"};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_true(read_id(wrong[i]) == 0);
}

static void an_id_may_be_followed(void **state)
{
    const char *end;
    (void)state;
    assert_true(redis_id_read("2-5 rest", &end) == seq_of(2, 5));
    assert_string_equal(end, "rest");
    assert_true(redis_id_read("2-5", &end) == 0);
}

static void assert_same(const struct event *e)
{
    char key[ID_MAX + 1];
    struct event back = {0};
    struct bytes text = {0};
    redis_event_write(&text, e);
    size_t n = text.size;
    bytes_add(&text, "", 1); /* hiredis ends its strings with a zero */
    assert_true(redis_event_read(&back, key, text.at, n));
    assert_int_equal(back.kind, e->kind);
    assert_true(back.author == e->author && back.of == e->of);
    if (e->key == NULL)
        assert_null(back.key);
    else
        assert_string_equal(back.key, e->key);
    assert_int_equal(back.body_bytes, e->body_bytes);
    assert_memory_equal(back.body, e->body, e->body_bytes);
    assert_true(event_hash(&(struct event){.room = "r",
                                           .kind = back.kind,
                                           .of = back.of,
                                           .body = back.body,
                                           .body_bytes = back.body_bytes}) ==
                event_hash(&(struct event){.room = "r",
                                           .kind = e->kind,
                                           .of = e->of,
                                           .body = e->body,
                                           .body_bytes = e->body_bytes}));
    bytes_finish(&text);
}

static struct event event_of(enum event_kind kind, const char *key, const char *body)
{
    return (struct event){.kind = kind,
                          .author = INT64_MAX,
                          .of = seq_of(3, 9),
                          .key = key,
                          .body = body,
                          .body_bytes = strlen(body)};
}

static void an_event_comes_back_as_it_was(void **state)
{
    char longest[ID_MAX + 1];
    (void)state;
    memset(longest, '7', ID_MAX);
    longest[ID_MAX] = '\0';
    static const char body[] = "{\"from\":\"ann\",\"text\":\"a {b} \\u0000 c\"}";
    static const char *const keys[] = {"k", "5 5 5", "{", "\r\n", "a\"b"};
    struct event e = event_of(EVENT_MESSAGE, NULL, body);
    assert_same(&e);
    e = event_of(EVENT_DELETE, longest, "{}");
    assert_same(&e);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        e = event_of(EVENT_EDIT, keys[i], body);
        assert_same(&e);
    }
}

static void what_is_no_event_is_refused(void **state)
{
    static const char *const wrong[] = {"",
                                        "1",
                                        "1 2",
                                        "1 2 3",
                                        "1 2 3 0",
                                        "1 2 3 0 ",
                                        "1 2 3 0 x",
                                        "1 2 3 0 {",
                                        "1 2 3 0 }",
                                        "1 2 3 9 {}",
                                        "0 2 3 0 {}",
                                        "128 2 3 0 {}",
                                        "-1 2 3 0 {}",
                                        "1 -2 3 0 {}",
                                        "1 2 3 65 {}",
                                        "1 99999999999999999999 3 0 {}",
                                        "1 9223372036854775808 3 0 {}",
                                        "1  2 3 0 {}",
                                        "1 2 3 18446744073709551615 {}"};
    char key[ID_MAX + 1];
    struct event e;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(redis_event_read(&e, key, wrong[i], strlen(wrong[i])));
}

static void names_have_their_room_in_braces(void **state)
{
    char key[REDIS_KEY_MAX];
    (void)state;
    redis_log_key(key, "chat:", "lobby", 3);
    assert_string_equal(key, "chat:log:{lobby}:3");
    redis_log_key(key, "chat:", SERVER_LOG, 1);
    assert_string_equal(key, "chat:log:{*}:1");
    redis_channel(key, "chat:", "lobby");
    assert_string_equal(redis_channel_room(key, "chat:"), "lobby");
    assert_null(redis_channel_room(key, "other:"));
    redis_channel(key, "chat:", SERVER_LOG);
    assert_string_equal(redis_channel_room(key, "chat:"), SERVER_LOG);
    static const char *const others[] = {"chat:bus",   "chat:ch:",   "chat:ch:{",
                                         "chat:ch:{}", "chat:ch:{a", "chat:node:{a}"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_null(redis_channel_room(others[i], "chat:"));
}

static void a_key_has_nothing_that_was_typed(void **state)
{
    char a[REDIS_KEY_MAX], b[REDIS_KEY_MAX], c[REDIS_KEY_MAX];
    struct event e = {.room = "lobby", .author = 5, .key = "x} *\r\n"};
    (void)state;
    redis_idem_key(a, "chat:", &e);
    redis_idem_key(b, "chat:", &e);
    e.author = 6;
    redis_idem_key(c, "chat:", &e);
    assert_string_equal(a, b);
    assert_string_not_equal(a, c);
    assert_memory_equal(a, "chat:key:{lobby}:5:", 19);
    assert_int_equal(strspn(a + 19, "0123456789abcdef"), 32);
    assert_int_equal(strlen(a), 19 + 32);
    e.key = NULL; /* the daemon's own: each is another */
    redis_idem_key(a, "chat:", &e);
    redis_idem_key(b, "chat:", &e);
    assert_string_not_equal(a, b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_is_an_id_and_back),
        cmocka_unit_test(what_is_no_id_is_zero),
        cmocka_unit_test(an_id_may_be_followed),
        cmocka_unit_test(an_event_comes_back_as_it_was),
        cmocka_unit_test(what_is_no_event_is_refused),
        cmocka_unit_test(names_have_their_room_in_braces),
        cmocka_unit_test(a_key_has_nothing_that_was_typed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

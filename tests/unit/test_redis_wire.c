/* test_redis_wire.c - how events, numbers, keys and commands are written for Redis. */
#include "redis/call.h"
#include "redis/entry.h"
#include "redis/keys.h"
#include "redis/seq.h"

#include "chat/base/body.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static uint64_t read_id(const char *text) { return seq_read(text, NULL); }

static void a_seq_becomes_a_stream_id_and_back(void **state)
{
    const uint64_t numbers[] = {1, seq_of(1, 0), seq_of(1, 1), seq_of(7, 123456789),
                                seq_of(GEN_MAX, N_MASK)};
    char id[SEQ_TEXT_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        seq_write(id, numbers[i]);
        assert_true(read_id(id) == numbers[i]);
        assert_true(numbers[i] < (uint64_t)1 << 53);
    }
    assert_true(seq_first(0) == 1 && seq_first(3) == seq_of(3, 0));
}

static void an_invalid_stream_id_gives_zero(void **state)
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

static void a_stream_id_has_a_next_one(void **state)
{
    const char *end;
    (void)state;
    assert_true(seq_read("2-5 rest", &end) == seq_of(2, 5));
    assert_string_equal(end, "rest");
    assert_true(seq_read("2-5", &end) == 0);
}

static void assert_same(const struct event *e)
{
    char key[ID_MAX + 1];
    struct event back = {0};
    struct bytes text = {0};
    entry_write(&text, e);
    size_t n = text.size;
    bytes_add(&text, "", 1); /* hiredis ends its strings with a NUL */
    assert_true(entry_read(&back, key, text.at, n));
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

static void an_event_survives_the_round_trip(void **state)
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

static void invalid_events_are_refused(void **state)
{
    static const char *const wrong[] = {"",
                                        "1",
                                        "1 2",
                                        "1 2 3",
                                        "1 2 3 0",
                                        "1 2 3 9 {}",
                                        "15 2 3 0 {}",
                                        "128 2 3 0 {}",
                                        "-1 2 3 0 {}",
                                        "1 -2 3 0 {}",
                                        "1 2 3 65 {}",
                                        "1 99999999999999999999 3 0 {}",
                                        "1  2 3 0 {}",
                                        "1 2 3 18446744073709551615 {}"};
    char key[ID_MAX + 1];
    struct event e;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        e = (struct event){.room = "lobby", .seq = 7};
        assert_false(entry_read(&e, key, wrong[i], strlen(wrong[i])));
        assert_true(e.kind == 0 && e.seq == 7 && e.body_bytes == 0 && e.key == NULL);
        assert_int_equal(event_check(&e), FAULT_KIND);
    }
}

static bool is_room(const char *channel, const char *prefix, const char *room)
{
    char found[PLACE_MAX + 1];
    return key_place_of(channel, prefix, found) && strcmp(found, room) == 0;
}

static void keys_of_redis_have_their_room_in_braces(void **state)
{
    char room[PLACE_MAX + 1];
    (void)state;
    assert_string_equal(key_stream("chat:", "lobby", 3).text, "chat:log:{lobby}:3");
    assert_string_equal(key_stream("chat:", SERVER_LOG, 1).text, "chat:log:{*}:1");
    assert_string_equal(key_secrets("chat:", "lobby").text, "chat:polls:{lobby}");
    assert_true(is_room(key_channel("chat:", "lobby").text, "chat:", "lobby"));
    assert_false(key_place_of(key_channel("chat:", "lobby").text, "other:", room));
    assert_true(is_room(key_channel("chat:", SERVER_LOG).text, "chat:", SERVER_LOG));
    static const char *const others[] = {"chat:bus",   "chat:ch:",   "chat:ch:{",
                                         "chat:ch:{}", "chat:ch:{a", "chat:node:{a}"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(key_place_of(others[i], "chat:", room));
}

static void rooms_of_one_name_after_each_other_have_other_keys(void **state)
{
    char first[PLACE_MAX + 1], third[PLACE_MAX + 1];
    (void)state;
    key_place("lobby", 0, first);
    key_place("lobby", 2, third);
    assert_string_equal(key_stream("chat:", first, 3).text, "chat:log:{lobby}:3");
    assert_string_equal(key_stream("chat:", third, 3).text, "chat:log:{lobby.2}:3");
    assert_true(is_room(key_channel("chat:", third).text, "chat:", third));
}

static void names_of_the_whole_chat_never_change(void **state)
{
    (void)state;
    assert_string_equal(key_generation("c:").text, "c:gen");
    assert_string_equal(key_run("c:").text, "c:run");
    assert_string_equal(key_since("c:").text, "c:since");
    assert_string_equal(key_history("c:").text, "c:history");
    assert_string_equal(key_sealed("c:").text, "c:sealed");
    assert_string_equal(key_come("c:", 7).text, "c:come:7");
    assert_string_equal(key_offered("c:", 7).text, "c:offered:7");
    assert_string_equal(key_bus("c:").text, "c:bus");
    assert_string_equal(key_node("c:", "0123").text, "c:node:0123");
    assert_string_equal(key_giver("c:", "photo").text, "c:giver:photo");
    assert_string_equal(key_piece("c:", "photo", 15).text, "c:piece:photo:15");
}

static void the_longest_names_fit(void **state)
{
    char prefix[REDIS_PREFIX_MAX + 1], room[ROOM_NAME_MAX + 1], place[PLACE_MAX + 1];
    (void)state;
    memset(prefix, 'p', sizeof prefix - 1);
    memset(room, 'r', sizeof room - 1);
    prefix[sizeof prefix - 1] = room[sizeof room - 1] = '\0';
    struct event e = {.room = room, .author = UINT64_MAX, .key = "k"};
    assert_true(strlen(key_submit(prefix, &e).text) < KEY_MAX - 1);
    key_place(room, UINT64_MAX, place);
    assert_int_equal(strlen(place), PLACE_MAX);
    assert_true(strlen(key_channel(prefix, place).text) < KEY_CHANNEL_MAX);
    assert_true(is_room(key_channel(prefix, place).text, prefix, place));
    assert_true(strlen(key_stream(prefix, place, GEN_MAX).text) < KEY_MAX - 1);
}

static void a_key_contains_nothing_that_was_typed(void **state)
{
    struct event e = {.room = "lobby", .author = 5, .key = "x} *\r\n"};
    (void)state;
    struct redis_key a = key_submit("chat:", &e), b = key_submit("chat:", &e);
    e.author = 6;
    struct redis_key c = key_submit("chat:", &e);
    assert_string_equal(a.text, b.text);
    assert_string_not_equal(a.text, c.text);
    assert_memory_equal(a.text, "chat:key:rooms:5:", 17);
    assert_int_equal(strspn(a.text + 17, "0123456789abcdef"), 32);
    assert_int_equal(strlen(a.text), 17 + 32);
    e.key = NULL; /* the daemon's own event: every key is different */
    a = key_submit("chat:", &e);
    b = key_submit("chat:", &e);
    assert_string_not_equal(a.text, b.text);
}

static void assert_argument(const struct redis_call *c, int i, const char *text)
{
    assert_true(i < c->count);
    assert_int_equal(c->sizes[i], strlen(text));
    assert_memory_equal(c->args[i], text, c->sizes[i]);
}

static void a_call_counts_its_keys(void **state)
{
    static const char *const want[] = {"EVALSHA", "sum", "2", "c:gen", "c:run", "-5", "2-7", ""};
    struct redis_call c;
    (void)state;
    call_begin(&c, "EVALSHA");
    call_text(&c, "sum");
    call_count_keys(&c);
    call_key(&c, key_generation("c:"));
    call_key(&c, key_run("c:"));
    call_number(&c, -5);
    call_seq(&c, seq_of(2, 7));
    call_text(&c, "");
    assert_int_equal(c.count, sizeof want / sizeof *want);
    for (int i = 0; i < c.count; i++)
        assert_argument(&c, i, want[i]);
    call_begin(&c, "PUBLISH");
    call_key(&c, key_bus("c:"));
    call_bytes(&c, "a\0b", 3);
    assert_int_equal(c.count, 3);
    assert_argument(&c, 0, "PUBLISH");
    assert_argument(&c, 1, "c:bus");
    assert_memory_equal(c.args[2], "a\0b", 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_seq_becomes_a_stream_id_and_back),
        cmocka_unit_test(an_invalid_stream_id_gives_zero),
        cmocka_unit_test(a_stream_id_has_a_next_one),
        cmocka_unit_test(an_event_survives_the_round_trip),
        cmocka_unit_test(invalid_events_are_refused),
        cmocka_unit_test(keys_of_redis_have_their_room_in_braces),
        cmocka_unit_test(rooms_of_one_name_after_each_other_have_other_keys),
        cmocka_unit_test(names_of_the_whole_chat_never_change),
        cmocka_unit_test(the_longest_names_fit),
        cmocka_unit_test(a_key_contains_nothing_that_was_typed),
        cmocka_unit_test(a_call_counts_its_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_frame.c - pieces become a WebSocket message (protocols/frame.h). */
#include "world.h"

#include "frame.h"

#include <string.h>

static enum frame_verdict feed(struct frame *f, const char *at, size_t announced, bool last,
                               struct frame_message *out)
{
    struct frame_piece piece = {at, strlen(at), announced, last};
    return frame_feed(f, &piece, 100, out);
}

static void a_message_in_one_piece_is_not_copied(void **state)
{
    (void)state;
    struct frame f = {0};
    struct frame_message m;
    const char *text = "{\"a\":1}";
    assert_int_equal(feed(&f, text, 0, true, &m), FRAME_WHOLE);
    assert_ptr_equal(m.text, text);
    assert_int_equal(m.size, 7);
    frame_finish(&f);
}

static void fragments_are_joined(void **state)
{
    (void)state;
    struct frame f = {0};
    struct frame_message m;
    assert_int_equal(feed(&f, "ab", 2, false, &m), FRAME_MORE);
    assert_int_equal(feed(&f, "cd", 0, false, &m), FRAME_MORE);
    assert_int_equal(feed(&f, "", 0, false, &m), FRAME_MORE);
    assert_int_equal(feed(&f, "ef", 0, true, &m), FRAME_WHOLE);
    assert_int_equal(m.size, 6);
    assert_memory_equal(m.text, "abcdef", 6);
    assert_int_equal(feed(&f, "next", 0, true, &m), FRAME_WHOLE);
    assert_memory_equal(m.text, "next", 4);
    frame_finish(&f);
}

static void one_byte_over_the_limit_is_refused(void **state)
{
    (void)state;
    struct frame f = {0};
    struct frame_message m;
    char text[102];
    memset(text, 'x', sizeof text);
    text[100] = '\0';
    assert_int_equal(feed(&f, text, 0, true, &m), FRAME_WHOLE);
    text[100] = 'x';
    text[101] = '\0';
    assert_int_equal(feed(&f, text, 0, true, &m), FRAME_TOO_BIG);
    frame_finish(&f);
}

static void an_announced_length_is_refused_before_the_bytes_arrive(void **state)
{
    (void)state;
    struct frame f = {0};
    struct frame_message m;
    assert_int_equal(feed(&f, "x", SIZE_MAX, true, &m), FRAME_TOO_BIG);
    assert_null(f.joined.at);
    frame_finish(&f);
}

static void empty_fragments_are_counted(void **state)
{
    (void)state;
    struct frame f = {0};
    struct frame_message m;
    enum frame_verdict v = FRAME_MORE;
    int n = 0;
    while (v == FRAME_MORE && n < 1000) {
        v = feed(&f, "", 0, false, &m);
        n++;
    }
    assert_int_equal(v, FRAME_TOO_BIG);
    assert_true(n < 100);
    frame_finish(&f);
}

static void invalid_utf8_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\x80", "\xc0\x80", "\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "ok\xff"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct frame f = {0};
        struct frame_message m;
        assert_int_equal(feed(&f, bad[i], 0, true, &m), FRAME_NOT_UTF8);
        frame_finish(&f);
    }
}

static void a_character_may_be_cut_between_fragments(void **state)
{
    (void)state;
    struct frame f = {0};
    struct frame_message m;
    assert_int_equal(feed(&f, "\xe2\x82", 0, false, &m), FRAME_MORE);
    assert_int_equal(feed(&f, "\xac", 0, true, &m), FRAME_WHOLE);
    assert_memory_equal(m.text, "\xe2\x82\xac", 3);
    frame_finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_in_one_piece_is_not_copied),
        cmocka_unit_test(fragments_are_joined),
        cmocka_unit_test(one_byte_over_the_limit_is_refused),
        cmocka_unit_test(an_announced_length_is_refused_before_the_bytes_arrive),
        cmocka_unit_test(empty_fragments_are_counted),
        cmocka_unit_test(invalid_utf8_is_refused),
        cmocka_unit_test(a_character_may_be_cut_between_fragments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

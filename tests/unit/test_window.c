/* test_window.c - the newest events of a room in memory (chat/model/window.h), their frames, and
 * chat/base/rate.h. */
#include "world.h"

#include "chat/base/event.h"
#include "chat/base/rate.h"
#include "chat/model/window.h"
#include "chat/base/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add(struct window *w, uint64_t seq, enum event_kind kind, uint64_t of, const char *text)
{
    char body[5000];
    struct bytes frame = {0};
    int n = snprintf(body, sizeof body, text == NULL ? "{\"from\":\"ann\"}" : "{\"text\":\"%s\"}",
                     text);
    struct event e = {.room = "lobby",
                      .seq = seq,
                      .at_ms = 1,
                      .kind = kind,
                      .of = of,
                      .body = body,
                      .body_bytes = (size_t)n};
    event_frame(&frame, &e);
    window_append(w, seq, of, frame.at, frame.size);
    bytes_finish(&frame);
}

static json_t *frame_at(const struct window *w, uint64_t offset, size_t *size_out)
{
    size_t n;
    const char *from = window_from(w, offset, &n);
    assert_non_null(from);
    size_t header = wire_header_size(from);
    *size_out = wire_size(from);
    assert_true(*size_out <= n);
    json_t *frame = json_loadb(from + header, *size_out - header, 0, NULL);
    assert_non_null(frame);
    return frame;
}

static void a_cursor_reads_the_events_after_it(void **state)
{
    (void)state;
    struct window w;
    size_t n;
    window_init(&w, 6);
    uint64_t before = window_head(&w);
    assert_int_equal(window_find(&w, 6), before);
    add(&w, 7, EVENT_MESSAGE, 0, "a");
    uint64_t between = window_head(&w);
    add(&w, 9, EVENT_MESSAGE, 0, "b"); /* seqs may have holes */
    assert_int_equal(window_find(&w, 7), between);
    assert_int_equal(window_find(&w, 8), between);
    assert_int_equal(window_find(&w, 9), window_head(&w));
    assert_int_equal(window_find(&w, 5), WINDOW_OUTSIDE);
    assert_int_equal(window_seq_at(&w, before), 6);
    assert_int_equal(window_seq_at(&w, between), 7);
    assert_int_equal(window_seq_at(&w, window_head(&w)), 9);
    assert_int_equal(window_count_after(&w, 6), 2);
    json_t *frame = frame_at(&w, between, &n);
    assert_int_equal(number_of(frame, "seq"), 9);
    json_decref(frame);
    window_finish(&w);
}

static void memory_is_bounded_and_the_newest_events_stay(void **state)
{
    (void)state;
    struct window w;
    char text[1000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    window_init(&w, 0);
    uint64_t first = window_head(&w);
    for (uint64_t seq = 1; seq <= 5000; seq++)
        add(&w, seq, EVENT_MESSAGE, 0, text);
    size_t n;
    assert_true(w.capacity <= 2 * WINDOW_BYTES);
    assert_null(window_from(&w, first, &n));
    assert_int_equal(window_find(&w, 1), WINDOW_OUTSIDE);
    uint64_t at = window_find(&w, 4990);
    assert_int_not_equal(at, WINDOW_OUTSIDE);
    json_t *frame = frame_at(&w, at, &n);
    assert_int_equal(number_of(frame, "seq"), 4991);
    json_decref(frame);
    window_finish(&w);
}

static void a_cleared_window_keeps_offsets_and_numbers(void **state)
{
    (void)state;
    struct window w;
    window_init(&w, 0);
    add(&w, 1, EVENT_MESSAGE, 0, "a");
    uint64_t head = window_head(&w);
    window_clear(&w);
    assert_int_equal(window_head(&w), head);
    assert_int_equal(window_last(&w), 1);
    assert_int_equal(window_find(&w, 1), head);
    assert_int_equal(window_find(&w, 0), WINDOW_OUTSIDE);
    window_finish(&w);
}

static void a_deleted_text_leaves_the_window_and_offsets_stay(void **state)
{
    (void)state;
    struct window w;
    size_t n, size;
    window_init(&w, 0);
    uint64_t begin = window_head(&w);
    add(&w, 1, EVENT_MESSAGE, 0, "s3cret");
    uint64_t second = window_head(&w);
    add(&w, 2, EVENT_EDIT, 1, "s3cret too");
    uint64_t third = window_head(&w);
    add(&w, 3, EVENT_MESSAGE, 0, "stays");
    add(&w, 4, EVENT_DELETE, 1, NULL);
    window_redact(&w, 1);
    const char *all = window_from(&w, begin, &n);
    assert_null(memmem(all, n, "s3cret", 6));
    assert_non_null(memmem(all, n, "stays", 5));
    json_t *frame = frame_at(&w, begin, &size);
    assert_int_equal(begin + size, second);
    assert_string_equal(text_of(frame, "text"), "");
    json_decref(frame);
    frame = frame_at(&w, second, &size);
    assert_int_equal(second + size, third);
    json_decref(frame);
    window_finish(&w);
}

static void a_text_that_cannot_be_taken_out_does_not_stay_in_the_window(void **state)
{
    (void)state;
    struct window w;
    window_init(&w, 0);
    add(&w, 1, EVENT_MESSAGE, 0, "s3cret\\"); /* no JSON: as if there were no memory for it */
    add(&w, 2, EVENT_DELETE, 1, NULL);
    uint64_t head = window_head(&w);
    window_redact(&w, 1);
    assert_int_equal(window_find(&w, 1), WINDOW_OUTSIDE);
    assert_int_equal(window_head(&w), head);
    assert_int_equal(window_last(&w), 2);
    window_finish(&w);
}

static void frames_of_all_sizes_have_the_right_header(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 125, 126, 65535, 65536};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct bytes b = {0};
        char *payload = calloc(1, sizes[i] + 1);
        bytes_add(&b, "xx", 2);
        size_t mark = wire_begin(&b);
        bytes_add(&b, payload, sizes[i]);
        wire_end(&b, mark);
        size_t header = sizes[i] < 126 ? 2 : sizes[i] < 65536 ? 4 : 10;
        assert_int_equal(b.size, 2 + header + sizes[i]);
        assert_int_equal((unsigned char)b.at[2], 0x81);
        assert_int_equal(wire_header_size(b.at + 2), header);
        assert_int_equal(wire_size(b.at + 2), header + sizes[i]);
        bytes_finish(&b);
        free(payload);
    }
}

static void text_is_escaped_as_json(void **state)
{
    (void)state;
    struct bytes b = {0};
    bytes_add_json(&b, "a\"b\\c\nd\x01\té</script>");
    bytes_add(&b, "", 1);
    json_t *value = json_loads(b.at, JSON_DECODE_ANY, NULL);
    assert_string_equal(json_string_value(value), "a\"b\\c\nd\x01\té</script>");
    json_decref(value);
    bytes_finish(&b);
}

static void a_bucket_allows_its_burst_and_then_its_rate(void **state)
{
    (void)state;
    struct rate r = {0};
    uint64_t wait = 0;
    for (int i = 0; i < 40; i++)
        assert_true(rate_take(&r, 100000, 40, 1, 5000, &wait));
    assert_false(rate_take(&r, 100000, 40, 1, 5000, &wait));
    assert_int_equal(wait, 100);
    assert_false(rate_take(&r, 100000, 40, 1, 5099, &wait));
    assert_true(rate_take(&r, 100000, 40, 1, 5100, &wait));
    assert_false(rate_take(&r, 100000, 40, 1, 5100, &wait));
    assert_true(
        rate_take(&r, 100000, 40, 100, 60000, &wait)); /* above the burst: needs a full bucket */
    assert_true(rate_take(&r, 0, 1, 1000, 0, NULL));   /* no limit */
}

/* A tally of poll `of`, which replaces the one before. */
static void add_tally(struct window *w, uint64_t seq, uint64_t of)
{
    window_supersede(w, of);
    add(w, seq, EVENT_BALLOT, of, NULL);
    window_mark_place(w, of);
}

/* The seqs of the events from `offset` on, with a blank after each. */
static const char *seqs_from(const struct window *w, uint64_t offset, char *to)
{
    to[0] = '\0';
    while (offset < window_head(w)) {
        size_t size;
        json_t *frame = frame_at(w, offset, &size);
        sprintf(to + strlen(to), "%d ", (int)number_of(frame, "seq"));
        json_decref(frame);
        offset += size;
    }
    return to;
}

static void the_next_tally_of_a_poll_replaces_the_last(void **state)
{
    (void)state;
    struct window w;
    char seqs[100];
    window_init(&w, 0);
    uint64_t begin = window_head(&w);
    add(&w, 1, EVENT_MESSAGE, 0, "before");
    add_tally(&w, 2, 100);
    add_tally(&w, 3, 100);
    add(&w, 4, EVENT_MESSAGE, 0, "between");
    add_tally(&w, 5, 200);
    add_tally(&w, 6, 100);
    assert_string_equal(seqs_from(&w, begin, seqs), "1 4 5 6 ");
    add_tally(&w, 7, 200);
    assert_string_equal(seqs_from(&w, begin, seqs), "1 4 6 7 ");
    assert_string_equal(seqs_from(&w, window_find(&w, 1), seqs), "4 6 7 ");
    assert_string_equal(seqs_from(&w, window_find(&w, 5), seqs), "6 7 ");
    assert_int_equal(window_seq_at(&w, window_head(&w)), 7);
    window_finish(&w);
}

static void a_tally_that_a_member_may_have_stays(void **state)
{
    (void)state;
    struct window w;
    char seqs[100];
    window_init(&w, 0);
    uint64_t begin = window_head(&w);
    add_tally(&w, 1, 100);
    window_seen(&w);
    uint64_t cursor = window_head(&w);
    add_tally(&w, 2, 100);
    add_tally(&w, 3, 100);
    assert_string_equal(seqs_from(&w, begin, seqs), "1 3 ");
    assert_string_equal(seqs_from(&w, cursor, seqs), "3 ");
    window_clear(&w);
    add_tally(&w, 4, 100);
    add_tally(&w, 5, 100);
    assert_string_equal(seqs_from(&w, window_find(&w, 3), seqs), "5 ");
    window_finish(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cursor_reads_the_events_after_it),
        cmocka_unit_test(memory_is_bounded_and_the_newest_events_stay),
        cmocka_unit_test(a_cleared_window_keeps_offsets_and_numbers),
        cmocka_unit_test(a_deleted_text_leaves_the_window_and_offsets_stay),
        cmocka_unit_test(a_text_that_cannot_be_taken_out_does_not_stay_in_the_window),
        cmocka_unit_test(the_next_tally_of_a_poll_replaces_the_last),
        cmocka_unit_test(a_tally_that_a_member_may_have_stays),
        cmocka_unit_test(frames_of_all_sizes_have_the_right_header),
        cmocka_unit_test(text_is_escaped_as_json),
        cmocka_unit_test(a_bucket_allows_its_burst_and_then_its_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

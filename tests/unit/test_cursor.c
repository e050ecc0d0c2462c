/* test_cursor.c - members are cursors: they resume, lag, leave the window and time out. */
#include "client.h"
#include "world_log.h"

#include "chat/model/model.h"
#include "chat/model/sink.h"

#include <stdio.h>
#include <string.h>

static void join(struct client *c, const char *more)
{
    client_send(c, "{'type':'join','id':'join','room':'lobby'%s}", more);
    world_settle(c->world);
}

static void say(struct client *c, int from, int to, const char *text)
{
    for (int i = from; i <= to; i++) {
        char id[16];
        snprintf(id, sizeof id, "k%d", i);
        client_say(c, "lobby", id, text);
    }
    world_settle(c->world);
}

/* Every message from `from` to `to`, in order and once, and no message after them. */
static void expect_messages(struct client *c, json_int_t from, json_int_t to)
{
    for (json_int_t seq = from; seq <= to; seq++)
        assert_int_equal(number_of(client_next_of(c, "message"), "seq"), seq);
    while (client_has_more(c))
        assert_string_not_equal(text_of(client_next(c), "type"), "message");
}

static void a_fresh_join_gets_a_page_and_then_new_events(void **state)
{
    struct client *a = client_joined(*state, "ann"), *b = client_named(*state, "bob");
    say(a, 1, 5, "x");
    join(b, ",'limit':2");
    json_t *answer = client_next_of(b, "joined");
    assert_int_equal(number_of(answer, "last"), 5);
    assert_false(is_true(answer, "recovered"));
    json_t *items = json_object_get(answer, "items");
    assert_int_equal(json_array_size(items), 2);
    assert_int_equal(number_of(json_array_get(items, 0), "seq"), 4);
    say(a, 6, 7, "x");
    expect_messages(b, 6, 7);
    client_destroy(&a);
    client_destroy(&b);
}

static void a_message_said_while_the_page_is_read_is_not_lost(void **state)
{
    struct world *w = *state;
    struct client *a = client_joined(w, "ann"), *b = client_named(w, "bob");
    say(a, 1, 3, "x");
    client_send(b, "{'type':'join','id':'join','room':'lobby'}"); /* asks for the page */
    client_say(a, "lobby", "late", "x");                          /* after it in the queue */
    world_settle(w);
    json_t *answer = client_next_of(b, "joined");
    assert_int_equal(number_of(answer, "last"), 3);
    assert_int_equal(json_array_size(json_object_get(answer, "items")), 3);
    expect_messages(b, 4, 4);
    client_destroy(&a);
    client_destroy(&b);
}

static void a_client_that_resumes_gets_what_it_missed(void **state)
{
    struct client *a = client_joined(*state, "ann"), *b = client_named(*state, "bob");
    say(a, 1, 10, "x");
    join(b, ",'after':4,'log':'log-1'");
    json_t *answer = client_next_of(b, "joined");
    assert_true(is_true(answer, "recovered"));
    assert_int_equal(json_array_size(json_object_get(answer, "items")), 0);
    assert_int_equal(number_of(answer, "last"), 10);
    expect_messages(b, 5, 10);
    client_destroy(&a);
    client_destroy(&b);
}

static void events_before_the_window_come_from_the_archive(void **state)
{
    struct world *w = *state;
    struct client *a = client_joined(w, "ann"), *b = client_named(w, "bob");
    char text[3001];
    memset(text, 'x', 3000);
    text[3000] = '\0';
    say(a, 1, 400, text); /* more than the window keeps */
    join(b, ",'after':10,'log':'log-1'");
    assert_true(is_true(client_next_of(b, "joined"), "recovered"));
    expect_messages(b, 11, 400);
    assert_true(w->archive_reads > 0);
    say(a, 401, 402, "y");
    expect_messages(b, 401, 402);
    client_destroy(&a);
    client_destroy(&b);
}

static void a_client_that_cannot_resume_gets_a_fresh_page(void **state)
{
    static const char *const cases[] = {",'after':4,'log':'other'", ",'after':4",
                                        ",'after':999,'log':'log-1'", ",'after':2,'log':'log-1'"};
    struct world *w = *state;
    w->config.limits.resume_events = 7;
    struct client *a = client_joined(w, "ann"), *b = client_named(w, "bob");
    say(a, 1, 10, "x");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        join(b, cases[i]);
        json_t *answer = client_next_of(b, "joined");
        assert_false(is_true(answer, "recovered"));
        assert_int_equal(json_array_size(json_object_get(answer, "items")), 10);
        assert_false(client_has_more(b));
    }
    client_destroy(&a);
    client_destroy(&b);
}

static void a_quiet_room_frees_its_window_and_nobody_notices(void **state)
{
    struct world *w = *state;
    struct client *a = client_joined(w, "ann"), *b = client_named(w, "bob");
    say(a, 1, 3, "x");
    world_pass(w, 59000);
    session_heard(a->session);
    session_heard(b->session);
    world_pass(w, 20000);
    join(b, ",'after':1,'log':'log-1'");
    assert_true(is_true(client_next_of(b, "joined"), "recovered"));
    assert_int_equal(w->archive_reads, 1);
    expect_messages(b, 2, 3);
    say(a, 4, 4, "x");
    expect_messages(b, 4, 4);
    client_destroy(&a);
    client_destroy(&b);
}

static void a_slow_reader_lags_and_catches_up(void **state)
{
    struct client *a = client_joined(*state, "ann"), *b = client_joined(*state, "bob");
    b->takes = 300; /* two or three frames */
    say(a, 1, 1000, "hello");
    assert_true(b->count < 20);
    for (int turn = 0; turn < 2000 && b->count < 1100 && b->takes == 0; turn++) {
        b->takes = 10000;
        session_writable(b->session);
        world_settle(*state);
    }
    expect_messages(b, 1, 1000);
    client_destroy(&a);
    client_destroy(&b);
}

static void a_very_slow_reader_leaves_the_window_and_loses_nothing(void **state)
{
    struct world *w = *state;
    struct client *a = client_joined(w, "ann"), *b = client_joined(w, "bob");
    char text[3001];
    memset(text, 'x', 3000);
    text[3000] = '\0';
    b->takes = 1;
    say(a, 1, 500, text);
    for (int turn = 0; turn < 5000 && number_of(b->frames[b->count - 1], "seq") < 500; turn++) {
        b->takes = 7000;
        session_writable(b->session);
        world_settle(w);
    }
    expect_messages(b, 1, 500);
    assert_true(w->archive_reads > 0);
    client_destroy(&a);
    client_destroy(&b);
}

static void a_reply_comes_before_later_events(void **state)
{
    struct world *w = *state;
    struct client *a = client_joined(w, "ann"), *b = client_named(w, "bob");
    say(a, 1, 3, "x");
    b->takes = 1; /* one frame fits: the answer */
    client_send(b, "{'type':'join','id':'join','room':'lobby','after':1,'log':'log-1'}");
    world_settle(w);
    assert_string_equal(text_of(client_next(b), "type"), "joined");
    assert_false(client_has_more(b));
    b->takes = (size_t)-1;
    session_writable(b->session);
    world_settle(w);
    expect_messages(b, 2, 3);
    client_destroy(&a);
    client_destroy(&b);
}

static void an_archive_ahead_of_the_loop_is_held_back(void **state)
{
    struct world *w = *state;
    struct client *a = client_joined(w, "ann"), *b = client_named(w, "bob");
    say(a, 1, 3, "x");
    world_pass(w, 59000);
    session_heard(a->session);
    session_heard(b->session);
    world_pass(w, 20000); /* the window is empty now */
    join(a, ",'limit':0");
    client_next_of(a, "joined");
    client_send(b, "{'type':'join','id':'join','room':'lobby','after':1,'log':'log-1'}");
    chat_flush(w->chat);
    world_answer_archive(w); /* the count: b becomes a member and asks for events */
    chat_flush(w->chat);
    client_say(a, "lobby", "late", "x"); /* in the log, but the journal answers after the archive */
    world_answer_archive(w);
    world_settle(w);
    expect_messages(b, 2, 4);
    client_destroy(&a);
    client_destroy(&b);
}

static void an_answer_for_an_ended_membership_is_ignored(void **state)
{
    struct world *w = *state;
    struct client *a = client_joined(w, "ann"), *b = client_named(w, "bob");
    say(a, 1, 3, "x");
    world_pass(w, 59000);
    session_heard(a->session);
    session_heard(b->session);
    world_pass(w, 20000);
    client_send(b, "{'type':'join','id':'one','room':'lobby','after':1,'log':'log-1'}");
    chat_flush(w->chat);
    world_answer_archive(w);
    chat_flush(w->chat); /* asks for 2 and 3 */
    client_send(b, "{'type':'join','id':'two','room':'lobby','limit':0}");
    world_settle(w);
    client_next_of(b, "joined");
    assert_string_equal(text_of(client_next_of(b, "joined"), "id"), "two");
    assert_false(client_has_more(b));
    client_destroy(&a);
    client_destroy(&b);
}

static void a_stuck_client_is_closed_and_can_resume(void **state)
{
    struct world *w = *state;
    struct client *a = client_joined(w, "ann"), *b = client_joined(w, "bob");
    b->takes = 0;
    say(a, 1, 3, "x");
    world_pass(w, 14000);
    assert_int_equal(b->close_code, 0);
    world_pass(w, 3000);
    assert_int_equal(b->close_code, CLOSE_TOO_SLOW);
    client_destroy(&a);
    client_destroy(&b);
}

static void a_client_without_hello_is_closed(void **state)
{
    struct world *w = *state;
    struct client *c = client_create(w);
    world_pass(w, 9000);
    assert_int_equal(c->close_code, 0);
    world_pass(w, 2000);
    assert_int_equal(c->close_code, CLOSE_NO_HELLO);
    client_destroy(&c);
}

static void idle_clients_are_pinged_and_dead_ones_closed(void **state)
{
    struct world *w = *state;
    struct client *alive = client_named(w, "ann"), *dead = client_named(w, "bob");
    for (int s = 0; s < 200; s++) {
        unsigned before = alive->pings;
        world_pass(w, 1000);
        if (alive->pings > before)
            session_heard(alive->session); /* its pong */
    }
    assert_int_equal(alive->close_code, 0);
    assert_in_range(alive->pings, 3, 5);
    assert_int_equal(dead->pings, 1);
    assert_int_equal(dead->close_code, CLOSE_TOO_SLOW);
    client_destroy(&alive);
    client_destroy(&dead);
}

static void a_farewell_spreads_the_return_of_all_clients(void **state)
{
    struct world *w = *state;
    struct client *clients[20];
    double first = 1e9, last = 0;
    for (int i = 0; i < 20; i++)
        clients[i] = client_create(w);
    chat_drain(w->chat);
    client_send(clients[0], "{'type':'hello','nick':'late'}");
    chat_farewell(w->chat);
    for (int i = 0; i < 20; i++) {
        json_t *reason = json_loads(clients[i]->close_reason, 0, NULL);
        double after = json_number_value(json_object_get(reason, "retry_after"));
        assert_int_equal(clients[i]->close_code, CLOSE_RESTART);
        first = after < first ? after : first;
        last = after > last ? after : last;
        json_decref(reason);
        client_destroy(&clients[i]);
    }
    assert_true(first > 0 && last > first);
}

static void a_chat_that_drains_runs_no_waiting_commands(void **state)
{
    struct world *w = *state;
    struct client *a = client_joined(w, "ann");
    client_say(a, "lobby", "k1", "x");
    client_send(a, "{'type':'history','id':'h','room':'lobby'}"); /* waits for the say */
    client_say(a, "lobby", "k2", "y");
    chat_drain(w->chat);
    world_settle(w);
    assert_string_equal(text_of(client_next_of(a, "ok"), "id"), "k1");
    while (client_has_more(a))
        assert_null(json_object_get(client_next(a), "id"));
    client_destroy(&a);
}

static void a_session_may_end_before_its_answer_comes(void **state)
{
    struct world *w = *state;
    struct client *a = client_joined(w, "ann"), *b = client_create(w);
    client_say(a, "lobby", "k", "x");
    client_send(a, "{'type':'history','id':'h','room':'lobby'}");
    client_send(b, "{'type':'hello','nick':'bob'}");
    client_destroy(&a);
    client_destroy(&b);
    world_settle(w); /* the sanitizers would see a use after free */
}

/* The last one, too: no later signal would correct it. */
static void a_here_signal_that_a_slow_client_missed_is_made_up_for(void **state)
{
    struct world *w = *state;
    struct client *ann = client_joined(w, "ann"), *bob = client_joined(w, "bob");
    world_pass(w, 2000);
    assert_int_equal(number_of(client_next_of(ann, "here"), "count"), 2);
    ann->takes = 0;
    client_say(bob, "lobby", "k", "hi");
    world_settle(w); /* ann is blocked */
    client_destroy(&bob);
    world_pass(w, 5000);
    ann->takes = (size_t)-1;
    session_writable(ann->session);
    world_settle(w);
    json_t *here = client_next_of(ann, "here");
    assert_int_equal(number_of(here, "count"), 1);
    assert_null(json_object_get(here, "left")); /* `who` gives the rest */
    session_writable(ann->session);
    world_settle(w);
    client_next_of(ann, "message");
    assert_false(client_has_more(ann));
    client_destroy(&ann);
}

/* Its other device has read further, and nothing later would say so. */
static void a_signal_about_oneself_waits_for_a_slow_client(void **state)
{
    struct world *w = *state;
    struct client *ann = client_joined(w, "ann"), *bob = client_joined(w, "bob");
    struct client *again = client_create(w);
    client_send(again, "{'type':'hello','nick':'ann','token':'%s'}",
                text_of(ann->frames[0], "token"));
    world_settle(w);
    ann->takes = 0;
    client_say(bob, "lobby", "k", "hi");
    world_settle(w); /* ann is blocked */
    client_send(again, "{'type':'join','id':'j','room':'lobby'}");
    world_settle(w);
    client_send(again, "{'type':'read','id':'r','room':'lobby','seq':1}");
    world_settle(w);
    chat_writable(w->chat, false);
    ann->takes = (size_t)-1;
    session_writable(ann->session);
    world_settle(w);
    assert_int_equal(number_of(client_next_of(ann, "read"), "seq"), 1);
    const json_t *writable = json_object_get(client_next_of(ann, "writable"), "on");
    assert_true(json_is_false(writable));
    client_destroy(&again);
    client_destroy(&bob);
    client_destroy(&ann);
}

static void a_client_that_lacks_a_megabyte_of_signals_resumes(void **state)
{
    struct world *w = *state;
    struct client *ann = client_joined(w, "ann"), *bob = client_joined(w, "bob");
    ann->takes = 0;
    client_say(bob, "lobby", "k", "hi");
    world_settle(w);
    client_destroy(&bob);
    for (int i = 0; i < 100000 && ann->close_code == 0; i++)
        chat_writable(w->chat, i % 2 != 0);
    assert_int_equal(ann->close_code, CLOSE_TOO_SLOW);
    client_destroy(&ann);
}

/* A reply of the same turn of the loop goes first. */
static void a_here_signal_waits_for_a_reply(void **state)
{
    struct world *w = *state;
    struct client *ann = client_joined(w, "ann"), *bob = client_joined(w, "bob");
    world_pass(w, 2000);
    client_next_of(ann, "here");
    client_destroy(&bob);
    w->now_ms += 5000;
    chat_clock(w->chat, w->now_ms, (int64_t)w->now_ms, (int64_t)w->now_ms);
    client_send(ann, "{'type':'who','room':'lobby'}");
    chat_tick(w->chat);
    world_settle(w);
    client_next_of(ann, "who");
    json_t *here = client_next_of(ann, "here");
    assert_int_equal(json_array_size(json_object_get(here, "left")), 1);
    client_destroy(&ann);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_begin, world_finish)

static void a_second_join_delivers_no_event_twice(void **state)
{
    struct world *w = *state;
    struct client *a = client_named(w, "ann"), *b = client_named(w, "bob");
    for (int i = 0; i < 2; i++) {
        client_send(a, "{'type':'join','id':'j','room':'lobby'}");
        client_send(b, "{'type':'join','id':'j','room':'lobby'}");
        world_settle(w);
    }
    a->seen = a->count;
    client_send(a, "{'type':'join','id':'again','room':'lobby'}"); /* asks the archive */
    client_say(b, "lobby", "m", "meanwhile");
    while (world_answer_journal(w))
        chat_flush(w->chat);
    world_settle(w);
    unsigned messages = 0;
    while (client_has_more(a))
        messages += strcmp(text_of(client_next(a), "type"), "message") == 0;
    assert_int_equal(messages, 1);
    client_say(b, "lobby", "m2", "and on");
    world_settle(w);
    client_next_of(a, "message");
    client_destroy(&a);
    client_destroy(&b);
}

static void a_client_that_lacks_bytes_for_want_of_memory_is_closed(void **state)
{
    struct world *w = *state;
    struct client *a = client_joined(w, "ann"), *b = client_joined(w, "bob");
    say(b, 1, 1, "x");
    a->seen = a->count;
    client_send(a, "{'type':'nonsense','id':'n'}"); /* its error is in `out` */
    a->session->out.failed = true;
    sink_make_dirty(a->session);
    world_settle(w);
    assert_int_equal(a->close_code, CLOSE_TOO_SLOW);
    assert_string_equal(a->close_reason, "resume");
    assert_false(client_has_more(a)); /* no part of a frame either */
    client_destroy(&a);
    client_destroy(&b);
}

/* While the archive looks into a hole, newer events come and leave the window again. */
static void events_behind_a_hole_of_the_archive_are_not_lost(void **state)
{
    struct world *w = *state;
    struct client *a = client_joined(w, "ann"), *b = client_named(w, "bob");
    struct window *window = &room_find(w->chat, "lobby")->window;
    say(a, 1, 2, "x");
    client_send(b, "{'type':'join','id':'join','room':'lobby','after':0,'log':'log-1'}");
    window_clear(window);
    world_answer_archive(w); /* how many they are */
    chat_flush(w->chat);     /* asks for them */
    client_say(a, "lobby", "k3", "x");
    for (uint64_t seq = 1; seq <= 2; seq++)
        strcpy(log_find(w, "lobby", seq)->room, "hole!");
    while (world_answer_journal(w))
        continue;
    window_clear(window);
    world_settle(w);
    expect_messages(b, 3, 3);
    client_destroy(&a);
    client_destroy(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_fresh_join_gets_a_page_and_then_new_events),
        CASE(a_message_said_while_the_page_is_read_is_not_lost),
        CASE(a_client_that_resumes_gets_what_it_missed),
        CASE(events_before_the_window_come_from_the_archive),
        CASE(a_client_that_cannot_resume_gets_a_fresh_page),
        CASE(a_quiet_room_frees_its_window_and_nobody_notices),
        CASE(a_slow_reader_lags_and_catches_up),
        CASE(a_very_slow_reader_leaves_the_window_and_loses_nothing),
        CASE(a_reply_comes_before_later_events),
        CASE(an_archive_ahead_of_the_loop_is_held_back),
        CASE(an_answer_for_an_ended_membership_is_ignored),
        CASE(a_stuck_client_is_closed_and_can_resume),
        CASE(a_client_without_hello_is_closed),
        CASE(idle_clients_are_pinged_and_dead_ones_closed),
        CASE(a_farewell_spreads_the_return_of_all_clients),
        CASE(a_second_join_delivers_no_event_twice),
        CASE(a_chat_that_drains_runs_no_waiting_commands),
        CASE(a_session_may_end_before_its_answer_comes),
        CASE(a_client_that_lacks_bytes_for_want_of_memory_is_closed),
        CASE(events_behind_a_hole_of_the_archive_are_not_lost),
        CASE(a_here_signal_that_a_slow_client_missed_is_made_up_for),
        CASE(a_here_signal_waits_for_a_reply),
        CASE(a_signal_about_oneself_waits_for_a_slow_client),
        CASE(a_client_that_lacks_a_megabyte_of_signals_resumes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

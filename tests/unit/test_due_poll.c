/* test_due_poll.c - many polls that are due at one moment (chat/model/due_poll.c). The journal of
 * this file only keeps the submits, and answers them when a test wants. */
#include "world.h"

#include "chat/model/due_poll.h"
#include "chat/model/journal.h"

#include <stdlib.h>
#include <string.h>

#define POLLS 50000
#define DUE   2000000 /* the world begins at 1000000 */

/* The submits in their order; those before `answered` have their answer. */
struct box {
    struct {
        uint64_t poll;
        journal_done *done;
        void *arg;
    } submits[2 * POLLS];
    size_t submitted, answered;
    bool refuses; /* takes no submit */
};

struct stage {
    struct world *world;
    struct box box;
};

static enum err take(struct journal *j, const struct event *e, journal_done *done, void *arg)
{
    struct box *box = (struct box *)j;
    assert_int_equal(e->kind, EVENT_POLL_CLOSED);
    if (box->refuses)
        return ERR_UNAVAILABLE;
    assert_true(box->submitted < sizeof box->submits / sizeof *box->submits);
    box->submits[box->submitted].poll = e->of;
    box->submits[box->submitted].done = done;
    box->submits[box->submitted++].arg = arg;
    return OK;
}

static const struct journal_ops ops = {.submit = take};

static int begin(void **state)
{
    struct stage *s = calloc(1, sizeof *s);
    s->world = world_create();
    s->world->config.journal_ops = &ops;
    s->world->config.journal = (struct journal *)&s->box;
    *state = s;
    return 0;
}

static size_t waiting(const struct box *box) { return box->submitted - box->answered; }

static void answer(struct stage *s, enum err err)
{
    size_t i = s->box.answered++;
    s->box.submits[i].done(s->box.submits[i].arg, err, 1, 0);
    assert_true(waiting(&s->box) <= DUE_POLLS_ASKED);
}

static int finish(void **state)
{
    struct stage *s = *state;
    chat_drain(s->world->chat);
    while (waiting(&s->box) > 0)
        answer(s, ERR_UNAVAILABLE);
    world_destroy(&s->world);
    free(s);
    return 0;
}

static void tick_at(struct stage *s, uint64_t ms)
{
    size_t before = s->box.submitted;
    s->world->now_ms = ms;
    chat_clock(s->world->chat, ms, (int64_t)ms, (int64_t)ms);
    chat_tick(s->world->chat);
    assert_true(s->box.submitted - before <= DUE_POLLS_ASKED);
    assert_true(waiting(&s->box) <= DUE_POLLS_ASKED);
}

/* Poll n of `count` closes `spread` x (count - n) ms after DUE: the last one first. */
static void add_polls(struct stage *s, uint64_t count, int64_t spread)
{
    for (uint64_t n = 1; n <= count; n++)
        assert_int_equal(
            chat_add_poll(s->world->chat, "lobby", n, DUE + spread * (int64_t)(count - n)), OK);
}

static void a_crowd_of_due_polls_closes_a_few_at_a_time(void **state)
{
    struct stage *s = *state;
    char *closed = calloc(POLLS + 1, 1);
    add_polls(s, POLLS, 0);
    tick_at(s, DUE - 1);
    assert_int_equal(s->box.submitted, 0);
    tick_at(s, DUE);
    assert_int_equal(s->box.submitted, DUE_POLLS_ASKED);
    while (waiting(&s->box) > 0)
        answer(s, OK);
    assert_int_equal(s->box.submitted, POLLS);
    for (size_t i = 0; i < POLLS; i++)
        assert_int_equal(closed[s->box.submits[i].poll]++, 0);
    tick_at(s, DUE + 10000);
    assert_int_equal(s->box.submitted, POLLS);
    free(closed);
}

static void polls_close_in_the_order_of_their_time(void **state)
{
    struct stage *s = *state;
    add_polls(s, 1000, 7);
    for (uint64_t ms = DUE; s->box.answered < 1000; ms += 250) {
        tick_at(s, ms);
        while (waiting(&s->box) > 0)
            answer(s, OK);
    }
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(s->box.submits[i].poll, 1000 - i);
}

/* The event that closes a poll before its time, of which there are as many as polls. */
static void close_early(struct stage *s, uint64_t poll)
{
    struct event e = {.room = "lobby",
                      .seq = POLLS + poll,
                      .kind = EVENT_POLL_CLOSED,
                      .of = poll,
                      .body = "{}",
                      .body_bytes = 2};
    chat_apply(s->world->chat, &e);
}

static void the_clock_leaves_alone_what_people_have_closed(void **state)
{
    struct stage *s = *state;
    add_polls(s, POLLS, 0);
    for (uint64_t poll = 1; poll <= POLLS; poll++)
        if (poll != 777)
            close_early(s, poll);
    tick_at(s, DUE);
    assert_int_equal(s->box.submitted, 1);
    assert_int_equal(s->box.submits[0].poll, 777);
}

static void a_refusal_pauses_all_of_them(void **state)
{
    struct stage *s = *state;
    add_polls(s, POLLS, 0);
    s->box.refuses = true;
    tick_at(s, DUE);
    s->box.refuses = false;
    tick_at(s, DUE + 250);
    assert_int_equal(s->box.submitted, 0);
    tick_at(s, DUE + 1000);
    assert_int_equal(s->box.submitted, DUE_POLLS_ASKED);
    while (waiting(&s->box) > 0) /* the first answer begins a pause: no other submit follows */
        answer(s, ERR_UNAVAILABLE);
    assert_int_equal(s->box.submitted, DUE_POLLS_ASKED);
    tick_at(s, DUE + 2000);
    while (waiting(&s->box) > 0)
        answer(s, OK);
    assert_int_equal(s->box.submitted, DUE_POLLS_ASKED + POLLS); /* each one in the end */
}

static void a_chat_that_drains_closes_no_more(void **state)
{
    struct stage *s = *state;
    add_polls(s, 100, 0);
    tick_at(s, DUE);
    chat_drain(s->world->chat);
    while (waiting(&s->box) > 0)
        answer(s, OK);
    tick_at(s, DUE + 250);
    assert_int_equal(s->box.submitted, DUE_POLLS_ASKED);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_crowd_of_due_polls_closes_a_few_at_a_time),
        CASE(polls_close_in_the_order_of_their_time),
        CASE(the_clock_leaves_alone_what_people_have_closed),
        CASE(a_refusal_pauses_all_of_them),
        CASE(a_chat_that_drains_closes_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_removal.c - rooms that are removed by the operator or by the clock (chat/model/removal.c,
 * chat/command/removal.c). The store's part is in tests/live. */
#include "hub.h"

#include "chat/model/marker.h"
#include "chat/model/removal.h"
#include "chat/model/standings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS   ((uint64_t)24 * 60 * 60 * 1000)
#define AGAIN_MS 11000 /* a room that was not removed is looked at again */

static struct room *room(const struct world *w, const char *name)
{
    return room_find(w->chat, name);
}

static void make_room(struct client *c, const char *name)
{
    client_send(c, "{'type':'create','id':'c-%s-%zu','room':'%s'}", name, c->count, name);
    world_settle(c->world);
    assert_string_equal(text_of(client_next_of(c, "ok"), "room"), name);
}

static void enter(struct client *c, const char *name)
{
    client_send(c, "{'type':'join','id':'j','room':'%s'}", name);
    world_settle(c->world);
    client_next_of(c, "joined");
}

static void delete_room(struct client *op, const char *name)
{
    client_send(op, "{'type':'delete_room','id':'d-%s-%zu','room':'%s'}", name, op->count, name);
    world_settle(op->world);
}

static int begin(void **state)
{
    struct world *w = world_create();
    w->config.limits.room_days = 30;
    *state = w;
    return 0;
}

/* --- the operator --------------------------------------------------------------------------- */

static void a_removed_room_is_gone_for_everybody(void **state)
{
    struct world *w = *state;
    struct client *op = client_operator(w), *ann = client_joined(w, "ann"),
                  *bob = client_joined(w, "bob");
    make_room(ann, "attic");
    enter(ann, "attic");
    client_say(ann, "attic", "k", "a word");
    world_settle(w);
    bob->seen = bob->count;
    delete_room(op, "attic");
    json_t *done = client_next_of(op, "ok");
    assert_string_equal(text_of(done, "room"), "attic");
    assert_string_equal(text_of(done, "title"), "attic");
    assert_null(room(w, "attic"));
    assert_string_equal(text_of(client_next_of(ann, "room_gone"), "room"), "attic");
    assert_string_equal(text_of(client_next_of(bob, "room_gone"), "room"), "attic");
    client_say(ann, "attic", "k2", "another word");
    world_settle(w);
    assert_string_equal(client_error(ann), "no_such_room");
    assert_false(client_has_more(ann)); /* one signal, not two */
    client_say(ann, "lobby", "k3", "still in the others");
    world_settle(w);
    client_next_of(ann, "ok");
    client_destroy(&op);
    client_destroy(&ann);
    client_destroy(&bob);
}

static void a_member_has_the_last_words_before_the_signal(void **state)
{
    struct world *w = *state;
    struct client *op = client_operator(w), *ann = client_joined(w, "ann");
    make_room(ann, "attic");
    enter(ann, "attic");
    client_say(ann, "attic", "k", "a word");
    client_send(op, "{'type':'delete_room','id':'d','room':'attic'}");
    while (world_answer_journal(w)) /* both events, and then one flush */
        ;
    world_settle(w);
    assert_string_equal(text_of(client_next_of(ann, "message"), "text"), "a word");
    client_next_of(ann, "room_gone");
    client_destroy(&op);
    client_destroy(&ann);
}

static void nothing_in_memory_names_a_removed_room(void **state)
{
    struct world *w = *state;
    struct client *op = client_operator(w), *ann = client_joined(w, "ann");
    struct identity *i = ann->session->identity;
    make_room(ann, "attic");
    enter(ann, "attic");
    client_send(op, "{'type':'role','id':'r','nick':'ann','role':'moderator','room':'attic'}");
    world_settle(w);
    assert_int_equal(standings_role(w->chat, i->id, room(w, "attic")), ROLE_MODERATOR);
    chat_add_poll(w->chat, "attic", 7, INT64_MAX);
    chat_add_poll(w->chat, "lobby", 7, INT64_MAX);
    const size_t markers = i->marker_count;
    assert_true(marker_of(i, room(w, "attic")).joined);
    delete_room(op, "attic");
    assert_int_equal(i->marker_count, markers - 1);
    assert_int_equal(w->chat->due_polls.count, 1);
    assert_int_equal(w->chat->standing_count, 0);
    client_send(ann, "{'type':'rooms','id':'l'}");
    world_settle(w);
    assert_int_equal(json_array_size(json_object_get(client_next_of(ann, "rooms"), "rooms")), 2);
    make_room(ann, "attic"); /* and nothing of the old one is in a new one */
    assert_int_equal(standings_role(w->chat, i->id, room(w, "attic")), ROLE_MEMBER);
    assert_false(marker_of(i, room(w, "attic")).joined);
    client_destroy(&op);
    client_destroy(&ann);
}

static void only_the_operator_deletes_a_room_and_none_of_the_configuration(void **state)
{
    struct world *w = *state;
    struct client *op = client_operator(w), *ann = client_joined(w, "ann");
    client_send(op, "{'type':'role','id':'r','nick':'ann','role':'admin'}");
    world_settle(w);
    make_room(ann, "attic");
    delete_room(ann, "attic");
    assert_string_equal(client_error(ann), "forbidden");
    chat_keep_room(w->chat, "lobby");
    delete_room(op, "lobby");
    assert_string_equal(client_error(op), "forbidden");
    delete_room(op, "cellar");
    assert_string_equal(client_error(op), "no_such_room");
    assert_non_null(room(w, "lobby"));
    client_destroy(&op);
    client_destroy(&ann);
}

static void an_event_about_another_life_of_a_room_changes_nothing(void **state)
{
    struct world *w = *state;
    struct client *ann = client_named(w, "ann");
    make_room(ann, "attic");
    struct event e = {.room = SERVER_LOG,
                      .kind = EVENT_ROOM_GONE,
                      .seq = 100,
                      .body = "{\"room\":\"attic\",\"life\":1}"};
    e.body_bytes = strlen(e.body);
    chat_apply(w->chat, &e);
    assert_non_null(room(w, "attic"));
    client_destroy(&ann);
}

/* --- the clock ------------------------------------------------------------------------------ */

static void tick(struct world *w, uint64_t ms)
{
    w->now_ms += ms;
    chat_clock(w->chat, w->now_ms, (int64_t)w->now_ms, (int64_t)w->now_ms);
    chat_tick(w->chat);
}

/* Time that passes for nobody's connection: those of this test never time out. */
static void let_days_pass(struct world *w, uint64_t days)
{
    w->config.limits.idle_seconds = 1000000000;
    tick(w, days * DAY_MS);
    world_pass(w, 1000);
}

static void an_old_and_empty_room_of_a_person_is_removed(void **state)
{
    struct world *w = *state;
    struct client *ann = client_joined(w, "ann");
    make_room(ann, "attic");
    make_room(ann, "cellar");
    enter(ann, "cellar");
    let_days_pass(w, 29);
    assert_non_null(room(w, "attic"));
    client_say(ann, "cellar", "k", "a word");
    client_send(ann, "{'type':'leave','id':'l','room':'cellar'}");
    world_settle(w);
    let_days_pass(w, 1);
    assert_null(room(w, "attic"));
    client_next_of(ann, "room_gone");
    assert_non_null(room(w, "cellar")); /* somebody has written in it */
    assert_non_null(room(w, "lobby"));  /* nobody has, but it is no person's */
    let_days_pass(w, 300);
    assert_non_null(room(w, "cellar"));
    assert_non_null(room(w, "lobby"));
    client_destroy(&ann);
}

static void a_room_with_somebody_in_it_stays_until_they_leave(void **state)
{
    struct world *w = *state;
    struct client *ann = client_joined(w, "ann");
    make_room(ann, "attic");
    enter(ann, "attic");
    let_days_pass(w, 31);
    assert_non_null(room(w, "attic"));
    client_send(ann, "{'type':'leave','id':'l','room':'attic'}");
    world_pass(w, AGAIN_MS);
    assert_null(room(w, "attic"));
    client_destroy(&ann);
}

static void tell(struct bus *b, const char *text, size_t n) { (void)b, (void)text, (void)n; }

#define NODE_B "'node':'b','boot':'0123456789abcdef'"

static void hear(struct world *w, const char *text)
{
    char message[512];
    snprintf(message, sizeof message, "%s", text);
    for (char *c = message; *c != '\0'; c++)
        *c = *c == '\'' ? '"' : *c;
    chat_heard(w->chat, message, strlen(message));
}

static void a_room_with_somebody_in_it_at_another_node_stays(void **state)
{
    static const struct bus_ops ops = {tell};
    struct world *w = world_create_node("a", &ops, NULL);
    (void)state;
    w->config.limits.room_days = 30;
    struct client *ann = client_named(w, "ann");
    make_room(ann, "attic");
    hear(w, "{'kind':'people'," NODE_B ",'n':1,'people':[{'room':'attic','nick':'bob',"
            "'identity':5,'here':true,'away':false,'at':0}]}");
    let_days_pass(w, 31);
    assert_non_null(room(w, "attic"));
    client_destroy(&ann);
    world_destroy(&w);
}

static void a_room_of_the_configuration_stays_whoever_has_created_it(void **state)
{
    struct world *w = *state;
    struct client *ann = client_named(w, "ann");
    make_room(ann, "attic");
    chat_keep_room(w->chat, "attic");
    let_days_pass(w, 31);
    assert_non_null(room(w, "attic"));
    client_destroy(&ann);
}

static void zero_days_are_never(void **state)
{
    struct world *w = *state;
    struct client *ann = client_named(w, "ann");
    w->config.limits.room_days = 0;
    make_room(ann, "attic");
    let_days_pass(w, 30000);
    assert_non_null(room(w, "attic"));
    client_destroy(&ann);
}

/* A year ahead; see clock_end_ms(). */
static void a_clock_that_may_be_wrong_removes_nothing(void **state)
{
    struct world *w = *state;
    struct client *ann = client_named(w, "ann");
    make_room(ann, "attic");
    chat_clock(w->chat, w->now_ms, (int64_t)(w->now_ms + 365 * DAY_MS), (int64_t)w->now_ms);
    chat_tick(w->chat);
    world_settle(w);
    assert_non_null(room(w, "attic"));
    client_destroy(&ann);
}

static void a_crowd_of_old_rooms_goes_a_few_at_a_time(void **state)
{
    struct world *w = *state;
    int ticks = 0;
    for (int n = 0; n < 1000; n++) {
        char name[16];
        snprintf(name, sizeof name, "r%d", n);
        struct room_seed seed = {name, name, "", "log", ROLE_MEMBER, 0, 1000, .creator = 7};
        assert_int_equal(chat_add_room(w->chat, &seed), OK);
    }
    for (tick(w, 31 * DAY_MS); w->chat->room_count > 2; tick(w, 250)) {
        assert_in_range(w->chat->removals_asked, 1, REMOVALS_ASKED);
        assert_in_range(ticks++, 0, 1000 / REMOVALS_ASKED);
        world_settle(w);
    }
}

static void a_removal_that_is_refused_is_tried_again(void **state)
{
    struct world *w = *state;
    struct client *ann = client_named(w, "ann");
    make_room(ann, "attic");
    w->journal_broken = true;
    let_days_pass(w, 31);
    w->journal_broken = false;
    assert_non_null(room(w, "attic"));
    assert_int_equal(w->chat->removals_asked, 0);
    world_pass(w, AGAIN_MS);
    assert_null(room(w, "attic"));
    client_destroy(&ann);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, world_finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_removed_room_is_gone_for_everybody),
        CASE(a_member_has_the_last_words_before_the_signal),
        CASE(nothing_in_memory_names_a_removed_room),
        CASE(only_the_operator_deletes_a_room_and_none_of_the_configuration),
        CASE(an_event_about_another_life_of_a_room_changes_nothing),
        CASE(an_old_and_empty_room_of_a_person_is_removed),
        CASE(a_room_with_somebody_in_it_stays_until_they_leave),
        CASE(a_room_with_somebody_in_it_at_another_node_stays),
        CASE(a_room_of_the_configuration_stays_whoever_has_created_it),
        CASE(zero_days_are_never),
        CASE(a_clock_that_may_be_wrong_removes_nothing),
        CASE(a_crowd_of_old_rooms_goes_a_few_at_a_time),
        CASE(a_removal_that_is_refused_is_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_removal.c - rooms that are removed (chat/model/removal.c, chat/command/removal.c). The
 * store's part is in tests/live. */
#include "hub.h"

#include "chat/model/marker.h"
#include "chat/model/removal.h"
#include "chat/model/standings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_begin, world_finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_removed_room_is_gone_for_everybody),
        CASE(a_member_has_the_last_words_before_the_signal),
        CASE(nothing_in_memory_names_a_removed_room),
        CASE(only_the_operator_deletes_a_room_and_none_of_the_configuration),
        CASE(an_event_about_another_life_of_a_room_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_rooms.c - the lists of rooms, in a welcome and by the command "rooms": what one reply has,
 * and what it costs. */
#include "client.h"

#include <stdlib.h>
#include <string.h>

#define ROOMS     150
#define REPLY_MAX (64 * 1024 + 2000) /* it ends behind the room that reaches 64 KB */

/* With topics of which JSON makes twice as much. */
static void add_rooms(struct world *w)
{
    char topic[401], name[16];
    memset(topic, '"', 400);
    topic[400] = '\0';
    w->config.limits.rooms = w->config.limits.rooms_per_session = ROOMS + 2;
    for (int i = 0; i < ROOMS; i++) {
        snprintf(name, sizeof name, "room%d", i);
        struct room_seed seed = {name, name, topic, name, ROLE_MEMBER, 0, 0};
        assert_int_equal(chat_add_room(w->chat, &seed), OK);
    }
}

static size_t size_of(const json_t *reply)
{
    char *text = json_dumps(reply, JSON_COMPACT);
    size_t n = strlen(text);
    free(text);
    return n;
}

static void a_list_of_rooms_has_another_page_after_64_kilobytes(void **state)
{
    struct world *w = *state;
    add_rooms(w);
    struct client *ann = client_create(w);
    client_send(ann, "{'type':'hello','nick':'ann'}");
    world_settle(w);
    json_t *reply = client_next_of(ann, "welcome");
    assert_in_range(size_of(reply), 60000, REPLY_MAX);
    assert_true(is_true(reply, "more_rooms"));
    size_t count = 0, pages = 0;
    char next[64] = "a";
    for (bool more = true; more; pages++) {
        client_send(ann, "{'type':'rooms','next':'%s'}", next);
        world_settle(w);
        reply = client_next_of(ann, "rooms");
        assert_in_range(size_of(reply), 0, REPLY_MAX);
        count += json_array_size(json_object_get(reply, "rooms"));
        more = is_true(reply, "more");
        snprintf(next, sizeof next, "%s", more ? text_of(reply, "next") : "");
    }
    assert_int_equal(count, ROOMS + 2);
    assert_in_range(pages, 3, 4);
    client_destroy(&ann);
}

/* Of somebody who is in all rooms. */
static void long_welcomes_count_for_the_person_on_all_connections(void **state)
{
    struct world *w = *state;
    char token[64];
    add_rooms(w);
    struct client *ann = client_create(w);
    client_send(ann, "{'type':'hello','nick':'ann'}");
    world_settle(w);
    strcpy(token, text_of(client_next_of(ann, "welcome"), "token"));
    for (int i = 0; i < ROOMS; i++) {
        client_send(ann, "{'type':'join','room':'room%d','limit':0}", i);
        world_settle(w);
    }
    w->config.limits.commands_per_second = 1;
    w->config.limits.commands_burst = 10;
    json_t *reply = NULL;
    for (int i = 0; i < 5; i++) {
        struct client *again = client_create(w);
        client_send(again, "{'type':'hello','nick':'ann','token':'%s'}", token);
        world_settle(w);
        reply = client_next(again);
        if (i == 0)
            assert_in_range(size_of(reply), 128 * 1024, 256 * 1024);
        assert_string_equal(text_of(reply, "type"), i < 4 ? "welcome" : "error");
        if (i == 4)
            assert_string_equal(text_of(reply, "code"), "rate");
        client_destroy(&again);
    }
    client_destroy(&ann);
    world_pass(w, 12000); /* and it is over */
    ann = client_create(w);
    client_send(ann, "{'type':'hello','nick':'ann','token':'%s'}", token);
    world_settle(w);
    client_next_of(ann, "welcome");
    client_destroy(&ann);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_begin, world_finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_list_of_rooms_has_another_page_after_64_kilobytes),
        CASE(long_welcomes_count_for_the_person_on_all_connections),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

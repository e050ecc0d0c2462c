/* test_peers.c - people on several nodes of one chat, over a bus that loses messages and repeats
 * them. */
#include "hub.h"

#include <stdlib.h>
#include <string.h>

static size_t nodes(struct hub *h, size_t node) { return chat_stats(h->worlds[node]->chat).nodes; }

/* How often `nick` is in `came` or `left` (`what`) of the frames not seen yet. */
static unsigned count_named(struct client *c, const char *what, const char *nick)
{
    unsigned n = 0;
    for (; client_has_more(c); c->seen++) {
        size_t k;
        json_t *who, *all = json_object_get(c->frames[c->seen], what);
        json_array_foreach(all, k, who)
        {
            const char *name = json_is_string(who) ? json_string_value(who) : text_of(who, "nick");
            n += strcmp(name, nick) == 0;
        }
    }
    return n;
}

static void nodes_find_each_other(void **state)
{
    struct hub *h = *state;
    for (size_t i = 0; i < HUB_NODES; i++)
        assert_int_equal(nodes(h, i), HUB_NODES - 1);
}

static void the_people_of_a_room_are_those_of_all_nodes(void **state)
{
    struct hub *h = *state;
    struct client *ann = hub_enter(h, 0, "ann", NULL);
    hub_pass(h, 1000);
    struct client *bob = hub_enter(h, 1, "bob", NULL);
    hub_pass(h, 1000);
    assert_int_equal(count_named(ann, "came", "bob"), 1);
    assert_string_equal(hub_here(h, ann), "ann bob");
    struct client *cat = hub_hello(h, 2, "cat", NULL);
    hub_send(h, cat, "{'type':'join','room':'lobby'}");
    json_t *joined = client_next_of(cat, "joined");
    assert_int_equal(number_of(joined, "count"), 3);
    assert_int_equal(json_array_size(json_object_get(joined, "here")), 3);
    hub_pass(h, 1000);
    json_t *here = client_next_of(ann, "here");
    assert_int_equal(number_of(here, "count"), 3);
    assert_string_equal(hub_here(h, bob), "ann bob cat");
    ann->seen = ann->count;
    hub_send(h, bob, "{'type':'leave','room':'lobby'}");
    hub_pass(h, 1000);
    assert_int_equal(count_named(ann, "left", "bob"), 1);
    assert_string_equal(hub_here(h, ann), "ann cat");
    client_destroy(&cat);
    hub_pass(h, 5000);
    assert_string_equal(hub_here(h, ann), "ann");
    client_destroy(&bob);
    client_destroy(&ann);
}

static void a_message_that_arrives_twice_counts_once(void **state)
{
    struct hub *h = *state;
    h->twice = true;
    the_people_of_a_room_are_those_of_all_nodes(state);
}

static void one_person_on_two_nodes_counts_once(void **state)
{
    struct hub *h = *state;
    char token[64] = "";
    struct client *bob = hub_enter(h, 2, "bob", NULL);
    struct client *here = hub_enter(h, 0, "ann", token);
    hub_pass(h, 1000);
    struct client *there = hub_enter(h, 1, "ann", token);
    hub_pass(h, 1000);
    assert_int_equal(count_named(bob, "came", "ann"), 1);
    assert_string_equal(hub_here(h, bob), "ann bob");
    bob->seen = bob->count;
    client_destroy(&here);
    hub_pass(h, 5000);
    assert_false(client_has_more(bob));
    assert_string_equal(hub_here(h, there), "ann bob");
    here = hub_enter(h, 0, "ann", token);
    hub_pass(h, 1000);
    hub_send(h, there, "{'type':'leave','room':'lobby'}");
    hub_pass(h, 5000);
    assert_false(client_has_more(bob));
    hub_send(h, here, "{'type':'leave','room':'lobby'}");
    hub_pass(h, 1000);
    assert_int_equal(count_named(bob, "left", "ann"), 1);
    client_destroy(&here);
    client_destroy(&there);
    client_destroy(&bob);
}

static void moving_to_another_node_causes_no_here_signal(void **state)
{
    struct hub *h = *state;
    char token[64] = "";
    struct client *bob = hub_enter(h, 2, "bob", NULL), *ann = hub_enter(h, 0, "ann", token);
    hub_pass(h, 1000);
    bob->seen = bob->count;
    client_destroy(&ann);
    hub_pass(h, 2000);
    ann = hub_enter(h, 1, "ann", token);
    hub_pass(h, 6000);
    assert_false(client_has_more(bob));
    client_destroy(&ann);
    client_destroy(&bob);
}

/* --- nodes come and go ---------------------------------------------------------------------- */

static void a_silent_node_loses_its_people(void **state)
{
    struct hub *h = *state;
    struct client *ann = hub_enter(h, 0, "ann", NULL), *bob = hub_enter(h, 1, "bob", NULL);
    hub_pass(h, 4000);
    h->cut[1] = true;
    ann->seen = ann->count;
    hub_pass(h, 8000);
    assert_string_equal(hub_here(h, ann), "ann bob");
    hub_pass(h, 5000);
    assert_int_equal(count_named(ann, "left", "bob"), 1);
    assert_string_equal(hub_here(h, ann), "ann");
    assert_string_equal(hub_here(h, bob), "bob");
    assert_int_equal(nodes(h, 0), 1);
    h->cut[1] = false;
    chat_bus_up(h->worlds[1]->chat);
    hub_pass(h, 1000);
    assert_string_equal(hub_here(h, ann), "ann bob");
    assert_string_equal(hub_here(h, bob), "ann bob");
    assert_int_equal(nodes(h, 0), 2);
    client_destroy(&ann);
    client_destroy(&bob);
}

static void a_node_that_stops_sends_bye(void **state)
{
    struct hub *h = *state;
    struct client *ann = hub_enter(h, 0, "ann", NULL), *bob = hub_enter(h, 1, "bob", NULL);
    hub_pass(h, 4000);
    chat_farewell(h->worlds[1]->chat);
    assert_int_equal(bob->close_code, CLOSE_RESTART);
    client_destroy(&bob);
    hub_pass(h, 2000);
    assert_string_equal(hub_here(h, ann), "ann bob"); /* bob may return on another node */
    hub_pass(h, 3000);
    assert_string_equal(hub_here(h, ann), "ann");
    assert_int_equal(nodes(h, 0), 1);
    client_destroy(&ann);
}

static void a_restarted_node_replaces_its_former_run(void **state)
{
    struct hub *h = *state;
    struct client *ann = hub_enter(h, 0, "ann", NULL), *bob = hub_enter(h, 1, "bob", NULL);
    hub_pass(h, 4000);
    h->cut[1] = true;
    client_destroy(&bob);
    h->cut[1] = false;
    hub_restart(h, 1);
    struct client *eve = hub_enter(h, 1, "eve", NULL);
    hub_pass(h, 1000);
    assert_int_equal(count_named(ann, "left", "bob"), 1);
    assert_string_equal(hub_here(h, ann), "ann eve");
    assert_string_equal(hub_here(h, eve), "ann eve");
    assert_int_equal(nodes(h, 0), 2);
    client_destroy(&ann);
    client_destroy(&eve);
}

static void without_bus_up_nodes_agree_after_a_beat(void **state)
{
    struct hub *h = *state;
    h->lose = "up";
    h->lose_n = 1;
    struct client *ann = hub_enter(h, 0, "ann", NULL);
    hub_restart(h, 1);
    struct client *bob = hub_enter(h, 1, "bob", NULL);
    hub_pass(h, 4000);
    assert_int_equal(h->lose_n, 0);
    assert_string_equal(hub_here(h, ann), "ann bob");
    assert_string_equal(hub_here(h, bob), "ann bob");
    client_destroy(&ann);
    client_destroy(&bob);
}

/* --- lost messages -------------------------------------------------------------------------- */

static void a_node_that_missed_a_delta_asks(void **state)
{
    struct hub *h = *state;
    struct client *ann = hub_enter(h, 0, "ann", NULL);
    hub_pass(h, 4000);
    h->lose = "people";
    h->lose_n = 1;
    struct client *bob = hub_enter(h, 1, "bob", NULL);
    hub_pass(h, 1000);
    assert_int_equal(h->lose_n, 0);
    assert_string_equal(hub_here(h, ann), "ann");
    hub_pass(h, 3500);
    assert_string_equal(hub_here(h, ann), "ann bob");
    h->lose_n = 1;
    hub_send(h, bob, "{'type':'leave','room':'lobby'}");
    hub_pass(h, 8000);
    assert_int_equal(h->lose_n, 0);
    assert_string_equal(hub_here(h, ann), "ann");
    client_destroy(&ann);
    client_destroy(&bob);
}

#define CROWD 450

static void a_crowd_is_sent_in_parts(void **state)
{
    struct hub *h = *state;
    struct client *crowd[CROWD];
    for (int i = 0; i < CROWD; i++) {
        char nick[16];
        snprintf(nick, sizeof nick, "n%d", i);
        crowd[i] = hub_enter(h, 0, nick, NULL);
    }
    hub_pass(h, 2000);
    struct client *ann = hub_enter(h, 1, "ann", NULL);
    hub_send(h, ann, "{'type':'who','id':'x','room':'lobby'}");
    assert_int_equal(number_of(client_next_of(ann, "who"), "count"), CROWD + 1);
    client_destroy(&ann);
    hub_restart(h, 1);
    h->lose = "all"; /* lose some of the three parts */
    h->lose_n = 5;
    ann = hub_enter(h, 1, "eve", NULL);
    hub_pass(h, 12000);
    assert_int_equal(h->lose_n, 0);
    hub_send(h, ann, "{'type':'who','id':'x','room':'lobby'}");
    assert_int_equal(number_of(client_next_of(ann, "who"), "count"), CROWD + 1);
    assert_in_range(h->sent_bytes, 200 * 100, 200 * 300);
    client_destroy(&ann);
    for (int i = 0; i < CROWD; i++)
        client_destroy(&crowd[i]);
}

static void quiet_nodes_send_only_beats(void **state)
{
    struct hub *h = *state;
    struct client *ann = hub_enter(h, 0, "ann", NULL);
    hub_pass(h, 10000);
    h->sent = 0;
    hub_pass(h, 30000);
    assert_int_equal(h->sent, HUB_NODES * 10);
    client_destroy(&ann);
}

static void people_of_an_unknown_room_come_with_the_room(void **state)
{
    struct hub *h = *state;
    struct client *ann = hub_enter(h, 0, "ann", NULL), *bob = hub_enter(h, 1, "bob", NULL);
    h->lags[1] = true;
    hub_send(h, ann, "{'type':'create','id':'c','room':'new'}");
    hub_send(h, ann, "{'type':'join','room':'new'}");
    hub_pass(h, 5000);
    h->lags[1] = false;
    hub_settle(h);
    hub_pass(h, 4000);
    hub_send(h, bob, "{'type':'join','room':'new'}");
    assert_int_equal(number_of(client_next_of(bob, "joined"), "count"), 2);
    client_destroy(&ann);
    client_destroy(&bob);
}

/* --- away ----------------------------------------------------------------------------------- */

static void every_node_shows_away(void **state)
{
    struct hub *h = *state;
    char token[64] = "";
    struct client *bob = hub_enter(h, 2, "bob", NULL);
    struct client *here = hub_enter(h, 0, "ann", token);
    hub_pass(h, 1000);
    struct client *there = hub_enter(h, 1, "ann", token);
    hub_pass(h, 1000);
    bob->seen = bob->count;
    hub_send(h, here, "{'type':'away','on':true}");
    hub_pass(h, 1000);
    assert_int_equal(count_named(bob, "came", "ann"), 1);
    assert_string_equal(hub_here(h, bob), "ann~ bob");
    assert_string_equal(hub_here(h, there), "ann~ bob");
    hub_send(h, there, "{'type':'away','on':false}");
    hub_pass(h, 1000);
    assert_string_equal(hub_here(h, bob), "ann bob");
    assert_string_equal(hub_here(h, here), "ann bob");
    h->lose = "away";
    h->lose_n = 1;
    hub_send(h, here, "{'type':'away','on':true}");
    hub_pass(h, 8000);
    assert_int_equal(h->lose_n, 0);
    assert_string_equal(hub_here(h, bob), "ann~ bob");
    assert_string_equal(hub_here(h, there), "ann~ bob");
    client_destroy(&here);
    client_destroy(&there);
    client_destroy(&bob);
}

static void away_set_outside_of_rooms_shows_on_other_nodes(void **state)
{
    struct hub *h = *state;
    char token[64] = "";
    struct client *bob = hub_enter(h, 2, "bob", NULL), *ann = hub_hello(h, 0, "ann", token);
    hub_send(h, ann, "{'type':'away','on':true}");
    struct client *there = hub_enter(h, 1, "ann", token);
    hub_pass(h, 2000);
    assert_string_equal(hub_here(h, bob), "ann~ bob");
    assert_string_equal(hub_here(h, there), "ann~ bob");
    client_destroy(&ann);
    client_destroy(&there);
    client_destroy(&bob);
}

/* --- everything at once --------------------------------------------------------------------- */

#define PEOPLE 8

struct one {
    struct client *at[HUB_NODES];
    char nick[8], token[64];
};

static void do_anything(struct hub *h, struct one *p)
{
    struct client **c = &p->at[(size_t)rand() % HUB_NODES];
    if (*c == NULL) {
        *c = hub_enter(h, (size_t)(c - p->at), p->nick, p->token);
    } else if (rand() % 2 == 0) {
        hub_send(h, *c,
                 rand() % 2 == 0 ? "{'type':'away','on':true}" : "{'type':'away','on':false}");
    } else {
        client_destroy(c);
    }
}

/* So that nobody is closed as idle. */
static void stay(struct one *people)
{
    for (size_t i = 0; i < (PEOPLE + 1) * HUB_NODES; i++)
        if (people[i / HUB_NODES].at[i % HUB_NODES] != NULL)
            session_heard(people[i / HUB_NODES].at[i % HUB_NODES]->session);
}

static void make_trouble(struct hub *h, struct one *people)
{
    for (int step = 0; step < 150; step++) {
        h->lose_percent = 20;
        h->twice = rand() % 4 == 0;
        for (size_t i = 0; i < HUB_NODES; i++)
            h->cut[i] = (step / 60 + (int)i) % 8 == 0;
        do_anything(h, &people[rand() % PEOPLE]);
        hub_pass(h, (uint64_t)(rand() % 5) * 250);
        stay(people);
    }
    h->lose_percent = 0;
    memset(h->cut, 0, sizeof h->cut);
    hub_pass(h, 15000);
}

/* The `seers` must see the right people, and must agree about who is away. */
static void compare(struct hub *h, const struct one *people, struct client **seers)
{
    char want[256], got[256], *end = want;
    for (const struct one *p = people; p < people + PEOPLE; p++)
        if (p->at[0] != NULL || p->at[1] != NULL || p->at[2] != NULL)
            end += sprintf(end, "%s ", p->nick);
    strcpy(end, "x y z");
    for (size_t i = 0; i < HUB_NODES; i++) {
        strcpy(got, hub_here(h, seers[i]));
        assert_string_equal(got, hub_here(h, seers[0]));
        for (char *t; (t = strchr(got, '~')) != NULL;)
            memmove(t, t + 1, strlen(t));
        assert_string_equal(got, want);
    }
}

static void all_nodes_agree_after_any_trouble(void **state)
{
    struct hub *h = *state;
    struct one people[PEOPLE + 1] = {0}, *seers = &people[PEOPLE];
    for (size_t i = 0; i < PEOPLE; i++)
        snprintf(people[i].nick, sizeof people[i].nick, "p%zu", i);
    for (size_t i = 0; i < HUB_NODES; i++)
        seers->at[i] = hub_enter(h, i, (const char *[]){"x", "y", "z"}[i], NULL);
    for (int round = 0; round < 6; round++) {
        make_trouble(h, people);
        compare(h, people, seers->at);
    }
    for (size_t i = 0; i < (PEOPLE + 1) * HUB_NODES; i++)
        if (people[i / HUB_NODES].at[i % HUB_NODES] != NULL)
            client_destroy(&people[i / HUB_NODES].at[i % HUB_NODES]);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, hub_begin, hub_finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(nodes_find_each_other),
        CASE(the_people_of_a_room_are_those_of_all_nodes),
        CASE(a_message_that_arrives_twice_counts_once),
        CASE(one_person_on_two_nodes_counts_once),
        CASE(moving_to_another_node_causes_no_here_signal),
        CASE(a_silent_node_loses_its_people),
        CASE(a_node_that_stops_sends_bye),
        CASE(a_restarted_node_replaces_its_former_run),
        CASE(without_bus_up_nodes_agree_after_a_beat),
        CASE(a_node_that_missed_a_delta_asks),
        CASE(a_crowd_is_sent_in_parts),
        CASE(quiet_nodes_send_only_beats),
        CASE(people_of_an_unknown_room_come_with_the_room),
        CASE(every_node_shows_away),
        CASE(away_set_outside_of_rooms_shows_on_other_nodes),
        CASE(all_nodes_agree_after_any_trouble),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

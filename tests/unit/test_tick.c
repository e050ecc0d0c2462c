/* test_tick.c - one tick does a bounded piece of work, however much is due (chat/chat.c and
 * what chat_tick() calls); the ticks after it do the rest. test_due_poll.c is about polls. */
#include "client.h"

#include "chat/model/identity.h"
#include "chat/model/person.h"
#include "chat/model/presence.h"
#include "chat/model/standings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether work is left. */
static bool tick_after(struct world *w, uint64_t ms)
{
    w->now_ms += ms;
    chat_clock(w->chat, w->now_ms, (int64_t)w->now_ms, (int64_t)w->now_ms);
    return chat_tick(w->chat);
}

/* --- ends ----------------------------------------------------------------------------------- */

#define PEOPLE 3000

/* Bans that end at one moment, of person n in the lobby; every tenth person is a moderator. */
static void add_bans(struct world *w)
{
    for (uint64_t n = 1; n <= PEOPLE; n++) {
        struct standing s = {.identity = n,
                             .room = "lobby",
                             .role = n % 10 == 0 ? ROLE_MODERATOR : ROLE_MEMBER,
                             .banned_until_ms = (int64_t)w->now_ms + 1000};
        assert_int_equal(chat_add_standing(w->chat, &s), OK);
    }
}

static void bans_that_end_at_one_moment_go_in_pieces(void **state)
{
    struct world *w = *state;
    add_bans(w);
    size_t before = w->chat->standing_count;
    tick_after(w, 61000);
    assert_in_range(before - w->chat->standing_count, 1, 300);
    for (int i = 0; i < 20; i++) {
        before = w->chat->standing_count;
        tick_after(w, 250);
        assert_in_range(before - w->chat->standing_count, 0, 300);
    }
    assert_int_equal(w->chat->standing_count, PEOPLE / 10); /* the roles stay */
    assert_int_equal(standings_rank(w->chat, 10, NULL), ROLE_MODERATOR);
    assert_false(standings_any(w->chat, 11));
}

static void a_full_table_has_a_place_when_one_has_ended(void **state)
{
    struct world *w = *state;
    w->config.limits.standings = PEOPLE;
    add_bans(w);
    assert_int_equal(standings_check_place(w->chat, PEOPLE + 1, NULL), ERR_FULL);
    w->now_ms += 1000;
    chat_clock(w->chat, w->now_ms, (int64_t)w->now_ms, (int64_t)w->now_ms);
    assert_int_equal(standings_check_place(w->chat, PEOPLE + 1, NULL), OK);
    assert_in_range(w->chat->standing_count, PEOPLE - 300, PEOPLE - 1);
}

static void the_highest_role_in_any_room_is_found_and_forgotten(void **state)
{
    struct world *w = *state;
    struct standing here = {.identity = 7, .room = "lobby", .role = ROLE_MODERATOR};
    struct standing ban = {.identity = 7, .room = "news", .banned_until_ms = INT64_MAX};
    add_bans(w);
    here.identity = ban.identity = PEOPLE + 7;
    assert_int_equal(chat_add_standing(w->chat, &ban), OK);
    assert_int_equal(standings_rank(w->chat, PEOPLE + 7, NULL), ROLE_MEMBER);
    assert_int_equal(chat_add_standing(w->chat, &here), OK);
    assert_int_equal(standings_rank(w->chat, PEOPLE + 7, NULL), ROLE_MODERATOR);
    struct event demotion = {.room = SERVER_LOG,
                             .seq = 1,
                             .kind = EVENT_ROLE,
                             .of = PEOPLE + 7,
                             .body = "{\"room\":\"lobby\",\"role\":\"member\"}"};
    demotion.body_bytes = strlen(demotion.body);
    chat_apply(w->chat, &demotion);
    assert_int_equal(standings_rank(w->chat, PEOPLE + 7, NULL), ROLE_MEMBER);
    assert_true(standings_any(w->chat, PEOPLE + 7));
}

static void identities_that_rest_go_in_pieces(void **state)
{
    struct world *w = *state;
    for (uint64_t n = 1; n <= 2 * PEOPLE; n++) {
        struct claim who = {.id = n};
        snprintf(who.nick.text, sizeof who.nick.text, "u%d", (int)n);
        strcpy(who.nick.skeleton, who.nick.text);
        struct identity *i = identity_create(w->chat, &who);
        i->rate.due_us = (w->now_ms + 1000) * 1000;
        identity_unref(&i);
    }
    tick_after(w, 250);
    assert_int_equal(chat_stats(w->chat).identities, 2 * PEOPLE);
    tick_after(w, 1000);
    assert_in_range(chat_stats(w->chat).identities, 2 * PEOPLE - 2000, 2 * PEOPLE - 1);
    for (int i = 0; i < 10; i++)
        tick_after(w, 250);
    assert_int_equal(chat_stats(w->chat).identities, 0);
}

/* --- deadlines ------------------------------------------------------------------------------ */

static unsigned pings;

static ptrdiff_t take(void *peer, const char *frames, size_t n)
{
    (void)peer, (void)frames;
    return (ptrdiff_t)n;
}

static void end(void *peer, enum close_code code, const char *reason)
{
    (void)peer, (void)code, (void)reason;
    pings++;
}

static void ping(void *peer)
{
    (void)peer;
    pings++;
}

static const struct sink_ops counting = {.send = take, .close = end, .ping = ping};

static void sessions_with_one_deadline_are_looked_at_in_pieces(void **state)
{
    struct world *w = *state;
    static struct session *all[PEOPLE];
    pings = 0;
    for (size_t i = 0; i < PEOPLE; i++)
        all[i] = session_open(w->chat, &counting, NULL, &w->source);
    for (unsigned i = 0, before; i < 50; i++) { /* up to the deadline for hello, and behind it */
        before = pings;
        bool more = tick_after(w, 250);
        assert_in_range(pings - before, 0, 500);
        assert_int_equal(more, pings > before && pings < PEOPLE);
    }
    assert_int_equal(pings, PEOPLE);
    for (size_t i = 0; i < PEOPLE; i++)
        session_destroy(&all[i]);
}

static void a_deadline_holds_though_the_clock_jumps_over_it(void **state)
{
    struct world *w = *state;
    struct client *c = client_create(w);
    tick_after(w, 1000);
    assert_int_equal(c->close_code, 0);
    tick_after(w, 100000);
    assert_int_equal(c->close_code, CLOSE_NO_HELLO);
    client_destroy(&c);
}

/* --- people --------------------------------------------------------------------------------- */

#define ROOMS 40
#define CROWD 60

static size_t count_here(struct client *const *crowd)
{
    size_t n = 0;
    for (size_t i = 0; i < CROWD; i++)
        while (client_has_more(crowd[i]))
            n += strcmp(text_of(client_next(crowd[i]), "type"), "here") == 0;
    return n;
}

static void add_rooms(struct world *w)
{
    for (int r = 0; r < ROOMS; r++) {
        char name[16];
        snprintf(name, sizeof name, "room%d", r);
        struct room_seed seed = {name, "A room", "", "log", ROLE_MEMBER, 0, 0};
        assert_int_equal(chat_add_room(w->chat, &seed), OK);
    }
}

static void enter_all(struct world *w, struct client **crowd)
{
    w->config.limits.rooms_per_session = ROOMS;
    w->config.limits.waiting = ROOMS;
    for (int i = 0; i < CROWD; i++) {
        char nick[16];
        snprintf(nick, sizeof nick, "u%d", i);
        crowd[i] = client_named(w, nick);
        for (int r = 0; r < ROOMS; r++)
            client_send(crowd[i], "{'type':'join','limit':0,'room':'room%d'}", r);
        world_settle(w);
    }
    world_pass(w, 2000);
    count_here(crowd);
}

static void one_person_in_many_full_rooms_is_announced_in_pieces(void **state)
{
    struct world *w = *state;
    struct client *crowd[CROWD];
    size_t frames = 0, now, ticks = 0;
    add_rooms(w);
    enter_all(w, crowd);
    client_send(crowd[0], "{'type':'away','on':true}");
    world_settle(w);
    count_here(crowd);
    for (bool more = tick_after(w, 1000);; more = tick_after(w, 10)) {
        frames += now = count_here(crowd);
        ticks++;
        assert_in_range(now, CROWD, 1000 + CROWD);
        if (!more)
            break;
    }
    assert_int_equal(frames, ROOMS * CROWD);
    assert_in_range(ticks, 3, 10);
    for (size_t i = 0; i < CROWD; i++)
        client_destroy(&crowd[i]);
}

static void people_of_a_node_that_is_gone_leave_in_pieces(void **state)
{
    struct world *w = *state;
    struct presences node = {.at_once = true};
    struct room *lobby = room_find(w->chat, "lobby");
    list_init(&node.all);
    for (uint64_t n = 1; n <= PEOPLE; n++) {
        struct claim who = {.id = n};
        snprintf(who.nick.text, sizeof who.nick.text, "u%d", (int)n);
        strcpy(who.nick.skeleton, who.nick.text);
        struct identity *i = identity_create(w->chat, &who);
        presence_create(&node, person_get(lobby, i));
        identity_unref(&i);
    }
    node.sweep++;
    presence_named(list_entry(node.all.next, struct presence, of_node)); /* the first stays */
    for (size_t before = node.count; presences_sweep(&node); before = node.count)
        assert_in_range(before - node.count, 1, 500);
    assert_int_equal(node.count, 1);
    node.sweep++;
    assert_false(presences_sweep(&node));
    assert_int_equal(node.count, 0);
    world_pass(w, 5000);
    assert_int_equal(chat_stats(w->chat).identities, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_begin, world_finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(bans_that_end_at_one_moment_go_in_pieces),
        CASE(a_full_table_has_a_place_when_one_has_ended),
        CASE(the_highest_role_in_any_room_is_found_and_forgotten),
        CASE(identities_that_rest_go_in_pieces),
        CASE(sessions_with_one_deadline_are_looked_at_in_pieces),
        CASE(a_deadline_holds_though_the_clock_jumps_over_it),
        CASE(one_person_in_many_full_rooms_is_announced_in_pieces),
        CASE(people_of_a_node_that_is_gone_leave_in_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

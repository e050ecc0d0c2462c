/* test_command.c - commands and their gates (chat/command/), in a chat in memory. */
#include "client.h"

#include "chat/base/json.h"
#include "chat/model/charge.h"

#include <stdlib.h>
#include <string.h>

static void hello_comes_first(void **state)
{
    struct client *c = client_create(*state);
    client_send(c, "{'type':'join','id':'1','room':'lobby'}");
    client_send(c, "{'type':'nonsense','id':'2'}");
    world_settle(*state);
    assert_string_equal(client_error(c), "hello_first");
    assert_string_equal(client_error(c), "hello_first");
    client_destroy(&c);
}

static void hello_answers_with_a_token_that_opens_the_same_identity(void **state)
{
    struct client *a = client_create(*state), *b = client_create(*state);
    client_send(a, "{'type':'hello','id':'h','nick':'ann'}");
    world_settle(*state);
    json_t *welcome = client_next(a);
    assert_string_equal(text_of(welcome, "type"), "welcome");
    assert_string_equal(text_of(welcome, "id"), "h");
    client_send(b, "{'type':'hello','nick':'ann','token':'%s'}", text_of(welcome, "token"));
    world_settle(*state);
    assert_string_equal(text_of(client_next(b), "nick"), "ann");
    client_destroy(&a);
    client_destroy(&b);
}

static void a_nick_stays_its_holders_after_they_leave(void **state)
{
    struct world *w = *state;
    struct client *a = client_create(w);
    client_send(a, "{'type':'hello','nick':'ann'}");
    world_settle(w);
    char token[64];
    strcpy(token, text_of(client_next(a), "token"));
    client_destroy(&a);
    struct client *thief = client_create(w), *owner = client_create(w);
    client_send(thief, "{'type':'hello','nick':'\xd0\xb0nn'}");
    client_send(owner, "{'type':'hello','nick':'ann','token':'%s'}", token);
    world_settle(w);
    assert_string_equal(client_error(thief), "nick_taken");
    assert_string_equal(text_of(client_next(owner), "type"), "welcome");
    client_destroy(&thief);
    client_destroy(&owner);
}

static void an_unused_nick_becomes_free_after_nick_days(void **state)
{
    struct world *w = *state;
    struct client *a = client_named(w, "ann");
    client_destroy(&a);
    w->now_ms += (uint64_t)31 * 24 * 3600 * 1000;
    chat_clock(w->chat, w->now_ms, (int64_t)w->now_ms, (int64_t)w->now_ms);
    struct client *b = client_named(w, "ann"); /* fails the test if the nick is refused */
    client_destroy(&b);
}

static void a_connected_holder_keeps_the_nick(void **state)
{
    struct world *w = *state;
    struct client *a = client_create(w);
    client_send(a, "{'type':'hello','nick':'ann'}");
    world_settle(w);
    char token[64];
    strcpy(token, text_of(client_next(a), "token"));
    for (int day = 0; day < 40; day++) {
        w->now_ms += (uint64_t)24 * 3600 * 1000;
        chat_clock(w->chat, w->now_ms, (int64_t)w->now_ms, (int64_t)w->now_ms);
        session_heard(a->session);
        world_pass(w, 50000); /* long enough for a ping and a turn of the wheel */
        session_heard(a->session);
    }
    client_destroy(&a);
    world_pass(w, 1000);
    struct client *thief = client_create(w), *owner = client_create(w);
    client_send(thief, "{'type':'hello','nick':'ann'}");
    client_send(owner, "{'type':'hello','nick':'ann','token':'%s'}", token);
    world_settle(w);
    assert_string_equal(client_error(thief), "nick_taken");
    client_next_of(owner, "welcome");
    client_destroy(&thief);
    client_destroy(&owner);
}

static void a_client_with_its_own_token_can_repeat_hello(void **state)
{
    static const char hello[] =
        "{'type':'hello','nick':'ann','token':'0123456789abcdefghijklmnopqrstuv',"
        "'claim':'0123456789abcdefghijklmnopqrstuv'}";
    struct world *w = *state;
    struct client *a = client_create(w);
    client_send(a, "%s", hello);
    client_destroy(&a); /* before its welcome */
    world_settle(w);
    struct client *b = client_create(w);
    client_send(b, "%s", hello);
    world_settle(w);
    assert_string_equal(text_of(client_next(b), "token"), "0123456789abcdefghijklmnopqrstuv");
    client_destroy(&b);
}

static void a_malformed_claim_is_named(void **state)
{
    struct client *c = client_create(*state);
    client_send(c, "{'type':'hello','nick':'ann','claim':'with a blank 0123456789abcdefghij'}");
    world_settle(*state);
    json_t *error = client_next_of(c, "error");
    assert_string_equal(text_of(error, "code"), "bad_field");
    assert_string_equal(text_of(error, "field"), "claim");
    client_destroy(&c);
}

static void one_address_cannot_take_all_nicks(void **state)
{
    struct world *w = *state;
    w->config.limits.nicks_per_minute = 6;
    w->config.limits.nicks_burst = 3;
    for (int i = 0; i < 3; i++) {
        char nick[8] = {'n', (char)('a' + i), '\0'};
        struct client *c = client_named(w, nick);
        client_destroy(&c);
    }
    struct client *c = client_create(w);
    client_send(c, "{'type':'hello','nick':'one too many'}");
    world_settle(w);
    json_t *error = client_next_of(c, "error");
    assert_string_equal(text_of(error, "code"), "rate");
    double wait_s = json_real_value(json_object_get(error, "retry_after"));
    assert_true(wait_s > 9 && wait_s <= 10);
    client_destroy(&c);
    world_pass(w, 10000);
    c = client_named(w, "ten seconds later");
    client_destroy(&c);
}

static void create_rooms(struct client *c, const char *stem, int count)
{
    for (int i = 0; i < count; i++)
        client_send(c, "{'type':'create','id':'%s%d','room':'%s%d'}", stem, i, stem, i);
    world_settle(c->world);
}

static void one_address_cannot_take_all_rooms(void **state)
{
    struct world *w = *state;
    w->config.limits.rooms_per_address_day = 4;
    struct client *a = client_named(w, "ann"), *b = client_named(w, "bob");
    create_rooms(a, "a", 3);
    create_rooms(b, "b", 3); /* another person, the same address */
    client_next_of(b, "ok");
    json_t *error = client_next_of(b, "error");
    assert_string_equal(text_of(error, "code"), "rate");
    double wait_s = json_real_value(json_object_get(error, "retry_after"));
    assert_true(wait_s > 21500 && wait_s <= 21600); /* a quarter of a day */
    struct client *elsewhere = client_named(w, "cat");
    struct source other = {0};
    elsewhere->session->source = &other;
    create_rooms(elsewhere, "c", 1);
    client_next_of(elsewhere, "ok");
    w->now_ms += 21600000;
    chat_clock(w->chat, w->now_ms, (int64_t)w->now_ms, (int64_t)w->now_ms);
    create_rooms(b, "d", 2);
    client_next_of(b, "ok");
    assert_string_equal(client_error(b), "rate");
    client_destroy(&a);
    client_destroy(&b);
    client_destroy(&elsewhere);
}

static void only_new_rooms_count_for_the_address(void **state)
{
    struct world *w = *state;
    w->config.limits.rooms_per_address_day = 2;
    struct client *a = client_named(w, "ann");
    create_rooms(a, "a", 1);
    for (int i = 0; i < 5; i++)
        create_rooms(a, "a", 1); /* sent again */
    client_send(a, "{'type':'create','id':'l','room':'lobby'}");
    world_settle(w);
    for (int i = 0; i < 6; i++)
        client_next_of(a, "ok");
    assert_string_equal(client_error(a), "room_exists");
    w->journal_broken = true;
    create_rooms(a, "x", 5);
    for (int i = 0; i < 5; i++)
        assert_string_equal(client_error(a), "unavailable"); /* and the share comes back */
    w->journal_broken = false;
    create_rooms(a, "b", 2);
    client_next_of(a, "ok");
    assert_string_equal(client_error(a), "rate");
    w->source.unlimited = true;
    create_rooms(a, "e", 2);
    client_next_of(a, "ok");
    client_next_of(a, "ok");
    client_destroy(&a);
}

static void reconnecting_gives_no_more_commands(void **state)
{
    struct world *w = *state;
    w->config.limits.commands_per_second = 1;
    w->config.limits.commands_burst = 10;
    struct client *c = client_create(w);
    client_send(c, "{'type':'hello','nick':'ann'}");
    world_settle(w);
    char token[64];
    strcpy(token, text_of(client_next(c), "token"));
    for (int i = 0; i < 10; i++)
        client_send(c, "{'type':'away','on':true}");
    client_destroy(&c);
    c = client_create(w);
    client_send(c, "{'type':'hello','nick':'ann','token':'%s'}", token);
    client_send(c, "{'type':'away','on':false}");
    world_settle(w);
    assert_string_equal(client_error(c), "rate");
    client_destroy(&c);
    world_pass(w, 12000);
    assert_int_equal(chat_stats(w->chat).identities, 0);
}

static void two_claims_of_one_nick_at_once_have_one_winner(void **state)
{
    struct client *a = client_create(*state), *b = client_create(*state);
    client_send(a, "{'type':'hello','nick':'ann'}");
    client_send(b, "{'type':'hello','nick':'ann'}");
    world_settle(*state);
    /* The world's journal judges no claims: b's own question finds a's claim. */
    assert_string_equal(text_of(client_next(a), "type"), "welcome");
    assert_string_equal(client_error(b), "nick_taken");
    client_destroy(&a);
    client_destroy(&b);
}

static void reserved_nicks_are_refused(void **state)
{
    struct client *a = client_create(*state);
    client_send(a, "{'type':'hello','nick':'\xd0\xb0"
                   "dmin'}");
    world_settle(*state);
    assert_string_equal(client_error(a), "nick_taken");
    client_destroy(&a);
}

static void fields_are_checked_before_the_handler(void **state)
{
    static const struct {
        const char *command, *code;
    } cases[] = {
        {"[]", "bad_json"},
        {"{", "bad_json"},
        {"{'type':'say','type':'say'}", "bad_json"},
        {"[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]", "bad_json"},
        {"{'type':1}", "bad_field"},
        {"{'id':'x'}", "bad_field"},
        {"{'type':'who','id':'no spaces','room':'lobby'}", "bad_field"},
        {"{'type':'who','id':7,'room':'lobby'}", "bad_field"},
        {"{'type':'dance','id':'x'}", "unknown_type"},
        {"{'type':'say','room':'lobby','text':'no id'}", "bad_field"},
        {"{'type':'say','id':'x','room':'lobby'}", "bad_field"},
        {"{'type':'say','id':'x','room':'lobby','text':''}", "bad_field"},
        {"{'type':'say','id':'x','room':'lobby','text':5}", "bad_field"},
        {"{'type':'say','id':'x','room':'Lobby','text':'x'}", "bad_field"},
        {"{'type':'say','id':'x','room':'a b','text':'x'}", "bad_field"},
        {"{'type':'say','id':'x','room':'nowhere','text':'x'}", "no_such_room"},
        {"{'type':'say','id':'x','room':'news','text':'x'}", "not_member"},
        {"{'type':'join','id':'x','room':'lobby','limit':201}", "bad_field"},
        {"{'type':'join','id':'x','room':'lobby','limit':1.5}", "bad_field"},
        {"{'type':'history','id':'x','room':'lobby','before':0}", "bad_field"},
        {"{'type':'edit','id':'x','room':'lobby','of':-1,'text':'x'}", "bad_field"},
        {"{'type':'away','id':'x','on':'yes'}", "bad_field"},
        {"{'type':'say','id':'x','room':'lobby','text':'x','reply_to':9007199254740992}",
         "bad_field"},
        {"{'type':'create','id':'x','room':'r','title':'two\\nlines'}", "bad_field"},
        {"{'type':'create','id':'x','room':'r','topic':'\xe2\x80\xae evil'}", "bad_field"},
        {"{'type':'say','id':'x','room':'lobby','text':'a\\u0000b'}", "bad_field"},
        {"{'type':'hello','id':'x','nick':'again'}", "forbidden"},
    };
    struct world *w = *state;
    w->config.limits.errors = 0;
    struct client *c = client_joined(w, "ann");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        client_send(c, "%s", cases[i].command);
        world_settle(w);
        assert_string_equal(client_error(c), cases[i].code);
    }
    assert_int_equal(c->close_code, 0);
    client_destroy(&c);
}

static void the_limit_of_a_text_counts_bytes(void **state)
{
    struct client *c = client_joined(*state, "ann");
    char text[4002];
    memset(text, 'x', 4001);
    text[4001] = '\0';
    client_say(c, "lobby", "big", text);
    text[4000] = '\0';
    client_say(c, "lobby", "fits", text);
    world_settle(*state);
    assert_string_equal(client_error(c), "too_big");
    assert_string_equal(text_of(client_next_of(c, "ok"), "id"), "fits");
    client_destroy(&c);
}

static void a_message_reaches_everybody_once_and_its_sender_gets_ok(void **state)
{
    struct client *a = client_joined(*state, "ann"), *b = client_joined(*state, "bob");
    client_send(a, "{'type':'say','id':'k1','room':'lobby','text':'hi \\u0041','reply_to':7}");
    world_settle(*state);
    json_t *ok = client_next_of(a, "ok");
    json_t *mine = client_next_of(a, "message"), *his = client_next_of(b, "message");
    assert_int_equal(number_of(ok, "seq"), number_of(mine, "seq"));
    assert_string_equal(text_of(his, "from"), "ann");
    assert_string_equal(text_of(his, "key"), "k1");
    assert_string_equal(text_of(his, "text"), "hi A");
    assert_int_equal(number_of(his, "reply_to"), 7);
    assert_false(client_has_more(b));
    client_destroy(&a);
    client_destroy(&b);
}

static void the_same_id_is_the_same_message(void **state)
{
    struct client *c = client_joined(*state, "ann");
    client_say(c, "lobby", "k", "one");
    world_settle(*state);
    json_int_t seq = number_of(client_next_of(c, "ok"), "seq");
    client_next_of(c, "message");
    client_say(c, "lobby", "k", "one");
    client_say(c, "lobby", "k", "two");
    world_settle(*state);
    assert_int_equal(number_of(client_next(c), "seq"), seq);
    assert_string_equal(text_of(client_next(c), "code"), "conflict");
    assert_false(client_has_more(c));
    client_destroy(&c);
}

static void a_message_that_cannot_be_stored_is_refused_and_can_be_sent_again(void **state)
{
    struct world *w = *state;
    struct client *c = client_joined(w, "ann");
    w->journal_broken = true;
    client_say(c, "lobby", "k", "one");
    world_settle(w);
    json_t *error = client_next_of(c, "error");
    assert_string_equal(text_of(error, "code"), "unavailable");
    assert_true(json_number_value(json_object_get(error, "retry_after")) > 0);
    w->journal_broken = false;
    client_say(c, "lobby", "k", "one");
    world_settle(w);
    client_next_of(c, "ok");
    client_destroy(&c);
}

static double refused_for_s(struct client *c)
{
    client_say(c, "lobby", "k", "one");
    world_settle(c->world);
    json_t *error = client_next_of(c, "error");
    assert_string_equal(text_of(error, "code"), "unavailable");
    return json_number_value(json_object_get(error, "retry_after"));
}

static void the_longer_nothing_is_stored_the_later_a_client_tries_again(void **state)
{
    struct world *w = *state;
    struct client *c = client_joined(w, "ann");
    w->journal_broken = true;
    chat_writable(w->chat, false);
    assert_float_equal(refused_for_s(c), 1, 0.001);
    world_pass(w, 12000);
    assert_float_equal(refused_for_s(c), 3, 0.5);
    world_pass(w, 20000);
    world_pass(w, 20000);
    assert_float_equal(refused_for_s(c), 10, 0.001);
    chat_writable(w->chat, true);
    assert_float_equal(refused_for_s(c), 1, 0.001);
    client_destroy(&c);
}

static void commands_run_in_the_order_sent(void **state)
{
    struct world *w = *state;
    struct client *c = client_create(w);
    client_send(c, "{'type':'hello','id':'1','nick':'ann'}");
    client_send(c, "{'type':'join','id':'2','room':'lobby'}");
    client_say(c, "lobby", "3", "one");
    client_say(c, "lobby", "4", "two");
    client_send(c, "{'type':'history','id':'5','room':'lobby'}");
    client_send(c, "{'type':'edit','id':'6','room':'lobby','of':1,'text':'first'}");
    client_send(c, "{'type':'history','id':'7','room':'lobby'}");
    client_send(c, "{'type':'leave','id':'8','room':'lobby'}");
    client_say(c, "lobby", "9", "late");
    world_settle(w);
    assert_string_equal(text_of(client_next_of(c, "joined"), "id"), "2");
    json_t *before = json_object_get(client_next_of(c, "history"), "items");
    json_t *after = json_object_get(client_next_of(c, "history"), "items");
    assert_int_equal(json_array_size(before), 2);
    assert_string_equal(text_of(json_array_get(before, 0), "text"), "one");
    assert_string_equal(text_of(json_array_get(after, 0), "text"), "first");
    assert_string_equal(client_error(c), "not_member");
    client_destroy(&c);
}

static void too_many_waiting_commands_are_refused_and_none_is_lost_silently(void **state)
{
    struct world *w = *state;
    w->config.limits.errors = 0;
    struct client *c = client_joined(w, "ann");
    for (int i = 0; i < 40; i++)
        client_send(c, "{'type':'history','id':'h%d','room':'lobby'}", i);
    world_settle(w);
    int answered = 0, refused = 0;
    while (client_has_more(c)) {
        const char *type = text_of(client_next(c), "type");
        answered += strcmp(type, "history") == 0;
        refused += strcmp(type, "error") == 0;
    }
    assert_int_equal(answered, 17); /* one is running, limits.waiting wait */
    assert_int_equal(refused, 23);
    client_destroy(&c);
}

static void a_long_backlog_pauses_reading(void **state)
{
    struct client *c = client_joined(*state, "ann");
    for (int i = 0; i < 9; i++)
        client_send(c, "{'type':'history','id':'h%d','room':'lobby'}", i);
    assert_false(c->read_paused);
    client_send(c, "{'type':'history','id':'h9','room':'lobby'}");
    assert_true(c->read_paused);
    world_settle(*state);
    assert_false(c->read_paused);
    for (int i = 0; i < 10; i++)
        client_next_of(c, "history");
    client_destroy(&c);
}

static void a_command_that_waits_is_checked_before_it_waits(void **state)
{
    static const struct {
        const char *command, *code, *field;
    } cases[] = {
        {"{'type':'history','id':'x','room':'lobby','limit':[[[[[[[]]]]]]]}", "bad_field", "limit"},
        {"{'type':'edit','id':'x','room':'lobby','of':1,'text':{'a':[1,2,3]}}", "bad_field",
         "text"},
        {"{'type':'delete','room':'lobby','of':1}", "bad_field", "id"},
        {"{'type':'join','room':'LOBBY'}", "bad_field", "room"},
    };
    struct client *c = client_joined(*state, "ann");
    client_send(c, "{'type':'history','id':'h','room':'lobby'}");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        client_send(c, "%s", cases[i].command);
        chat_flush(c->world->chat);
        json_t *error = client_next_of(c, "error"); /* though the history has no answer yet */
        assert_string_equal(text_of(error, "code"), cases[i].code);
        assert_string_equal(text_of(error, "field"), cases[i].field);
        assert_int_equal(c->session->waiting_count, 0);
    }
    world_settle(*state);
    client_next_of(c, "history");
    client_destroy(&c);
}

static void a_command_that_waits_counts_as_what_it_takes(void **state)
{
    struct client *c = client_joined(*state, "ann");
    char junk[9001];
    for (size_t i = 0; i < 4500; i++)
        memcpy(junk + 2 * i, i == 4499 ? "[]" : "0,", 2);
    junk[9000] = '\0';
    client_send(c, "{'type':'history','id':'h','room':'lobby'}");
    for (int i = 0; i < 3; i++)
        client_send(c, "{'type':'history','id':'h%d','room':'lobby','junk':[%s]}", i, junk);
    assert_int_equal(c->session->waiting_count, 3);
    assert_in_range(c->session->waiting_bytes, 3 * 9000, 3 * 9200);
    world_settle(*state);
    assert_int_equal(c->session->waiting_bytes, 0);
    for (const char *const *id = (const char *const[]){"h", "h0", "h1", "h2", NULL}; *id; id++)
        assert_string_equal(text_of(client_next_of(c, "history"), "id"), *id);
    client_destroy(&c);
}

static void a_connection_that_ends_frees_what_waits(void **state)
{
    struct client *c = client_joined(*state, "ann");
    for (int i = 0; i < 5; i++)
        client_send(c, "{'type':'history','id':'h%d','room':'lobby'}", i);
    assert_int_equal(c->session->waiting_count, 4);
    client_destroy(&c);
    world_settle(*state);
}

static void only_the_author_can_change_a_message(void **state)
{
    struct client *a = client_joined(*state, "ann"), *b = client_joined(*state, "bob");
    client_say(a, "lobby", "k", "mine");
    world_settle(*state);
    client_send(b, "{'type':'edit','id':'e','room':'lobby','of':1,'text':'yours'}");
    client_send(b, "{'type':'delete','id':'d','room':'lobby','of':1}");
    client_send(b, "{'type':'delete','id':'n','room':'lobby','of':99}");
    world_settle(*state);
    assert_string_equal(client_error(b), "forbidden");
    assert_string_equal(client_error(b), "forbidden");
    assert_string_equal(client_error(b), "not_found");
    client_destroy(&a);
    client_destroy(&b);
}

static void a_deleted_message_stays_deleted(void **state)
{
    struct client *c = client_joined(*state, "ann");
    client_say(c, "lobby", "k", "s3cret");
    world_settle(*state);
    client_send(c, "{'type':'delete','id':'d','room':'lobby','of':1,'reason':'oops'}");
    client_send(c, "{'type':'delete','id':'d','room':'lobby','of':1,'reason':'oops'}");
    client_send(c, "{'type':'edit','id':'e','room':'lobby','of':1,'text':'back'}");
    client_send(c, "{'type':'history','id':'h','room':'lobby'}");
    world_settle(*state);
    json_int_t seq = number_of(client_next_of(c, "ok"), "seq"); /* the say's */
    assert_int_equal(seq, 1);
    assert_int_equal(number_of(client_next_of(c, "ok"), "seq"), 2);
    assert_int_equal(number_of(client_next_of(c, "ok"), "seq"),
                     2); /* the same command, sent again */
    assert_string_equal(client_error(c), "not_found");
    json_t *item = json_array_get(json_object_get(client_next_of(c, "history"), "items"), 0);
    assert_true(is_true(item, "deleted"));
    assert_null(json_object_get(item, "text"));
    client_destroy(&c);
}

static void members_create_rooms_but_cannot_post_in_all(void **state)
{
    struct world *w = *state;
    struct client *c = client_named(w, "ann");
    client_send(c, "{'type':'join','id':'j','room':'news'}");
    client_say(c, "news", "k", "not for members");
    client_send(c, "{'type':'create','id':'c1','room':'lobby'}");
    client_send(c, "{'type':'create','id':'c2','room':'boats','title':'Boats'}");
    client_send(c, "{'type':'create','id':'c2','room':'boats','title':'Boats'}");
    world_settle(w);
    assert_string_equal(client_error(c), "forbidden");
    assert_string_equal(client_error(c), "room_exists");
    assert_string_equal(text_of(client_next_of(c, "room"), "title"), "Boats");
    assert_string_equal(text_of(client_next_of(c, "ok"), "id"), "c2");
    assert_string_equal(text_of(client_next_of(c, "ok"), "id"), "c2");
    client_destroy(&c);
}

/* Both commands pass the check before the log has a room: the log decides. */
static void of_two_rooms_with_one_title_the_first_in_the_log_exists(void **state)
{
    struct world *w = *state;
    struct client *ann = client_named(w, "ann"), *bob = client_named(w, "bob");
    client_send(ann, "{'type':'create','id':'c1','room':'boats','title':'Boats'}");
    client_send(bob, "{'type':'create','id':'c2','room':'ships','title':'bOATS'}");
    world_settle(w);
    assert_string_equal(text_of(client_next_of(ann, "ok"), "id"), "c1");
    assert_string_equal(client_error(bob), "room_exists");
    assert_non_null(room_find(w->chat, "boats"));
    assert_null(room_find(w->chat, "ships"));
    const size_t before = w->event_count;
    client_send(bob, "{'type':'create','id':'c3','room':'ships','title':'B0ats'}");
    world_settle(w);
    assert_string_equal(client_error(bob), "room_exists");
    assert_int_equal(w->event_count, before);
    client_destroy(&ann);
    client_destroy(&bob);
}

static void the_configuration_can_change_a_room(void **state)
{
    struct world *w = *state;
    struct client *c = client_joined(w, "ann");
    struct room_seed seed = {.name = "lobby", .title = "Hall", .topic = "", .post = ROLE_ADMIN};
    assert_false(chat_has_room(w->chat, &seed));
    struct event e = {
        .room = SERVER_LOG,
        .kind = EVENT_ROOM,
        .seq = 1,
        .body = "{\"room\":\"lobby\",\"title\":\"Hall\",\"topic\":\"\",\"post\":\"admin\"}"};
    e.body_bytes = strlen(e.body);
    chat_apply(w->chat, &e);
    world_settle(w);
    assert_true(chat_has_room(w->chat, &seed));
    assert_string_equal(text_of(client_next_of(c, "room"), "title"), "Hall");
    client_say(c, "lobby", "k", "x");
    world_settle(w);
    assert_string_equal(client_error(c), "forbidden");
    client_destroy(&c);
}

static void limits_of_rooms_hold(void **state)
{
    struct world *w = *state;
    w->config.limits.rooms_per_session = 1;
    w->config.limits.rooms = 2;
    struct client *c = client_joined(w, "ann");
    client_send(c, "{'type':'join','id':'j','room':'news'}");
    client_send(c, "{'type':'create','id':'c','room':'third'}");
    world_settle(w);
    assert_string_equal(client_error(c), "full");
    assert_string_equal(client_error(c), "full");
    w->config.create_rooms = ROLE_ADMIN;
    client_send(c, "{'type':'create','id':'c','room':'third'}");
    world_settle(w);
    assert_string_equal(client_error(c), "forbidden");
    client_destroy(&c);
}

static void a_read_marker_reaches_the_other_tabs(void **state)
{
    struct world *w = *state;
    struct client *a = client_create(w), *b = client_create(w);
    client_send(a, "{'type':'hello','nick':'ann'}");
    world_settle(w);
    client_send(b, "{'type':'hello','nick':'ann','token':'%s'}", text_of(client_next(a), "token"));
    client_send(a, "{'type':'join','room':'lobby'}");
    client_say(a, "lobby", "k", "x");
    client_send(a, "{'type':'read','id':'r1','room':'lobby','seq':1}");
    client_send(a, "{'type':'read','id':'r2','room':'lobby','seq':0}");
    world_settle(w);
    /* `read` does not wait for the `say` before it, so r1 and r2 found an empty log. */
    client_send(a, "{'type':'read','id':'r3','room':'lobby','seq':99}");
    world_settle(w);
    assert_int_equal(number_of(client_next_of(b, "read"), "seq"), 1);
    assert_false(client_has_more(b));
    client_destroy(&a);
    client_destroy(&b);
}

static void one_here_signal_names_all_changes(void **state)
{
    struct world *w = *state;
    struct client *a = client_joined(w, "ann"), *b = client_joined(w, "bob");
    world_pass(w, 2000);
    json_t *here = client_next_of(a, "here");
    assert_int_equal(number_of(here, "count"), 2);
    assert_int_equal(json_array_size(json_object_get(here, "came")), 2);
    client_destroy(&b);
    world_pass(w, 5000);
    here = client_next_of(a, "here");
    assert_int_equal(number_of(here, "count"), 1);
    assert_string_equal(json_string_value(json_array_get(json_object_get(here, "left"), 0)), "bob");
    client_destroy(&a);
}

static void reloading_the_page_causes_no_here_signal(void **state)
{
    struct world *w = *state;
    struct client *a = client_joined(w, "ann"), *b = client_create(w);
    client_send(b, "{'type':'hello','nick':'bob'}");
    world_settle(w);
    char token[64];
    strcpy(token, text_of(client_next(b), "token"));
    client_send(b, "{'type':'join','room':'lobby'}");
    world_pass(w, 2000);
    a->seen = a->count;
    client_destroy(&b);
    world_pass(w, 2000);
    b = client_create(w);
    client_send(b, "{'type':'hello','nick':'bob','token':'%s'}", token);
    client_send(b, "{'type':'join','room':'lobby'}");
    world_pass(w, 5000);
    assert_false(client_has_more(a));
    client_destroy(&a);
    client_destroy(&b);
}

static void typing_reaches_the_other_people(void **state)
{
    struct client *a = client_joined(*state, "ann"), *b = client_joined(*state, "bob");
    client_send(a, "{'type':'typing','room':'lobby'}");
    world_settle(*state);
    assert_string_equal(text_of(client_next_of(b, "typing"), "from"), "ann");
    assert_false(client_has_more(a));
    client_destroy(&a);
    client_destroy(&b);
}

static void the_other_people_see_away(void **state)
{
    struct world *w = *state;
    struct client *a = client_joined(w, "ann"), *b = client_joined(w, "bob");
    world_pass(w, 1000);
    b->seen = b->count;
    client_send(a, "{'type':'away','id':'x','on':true}");
    world_pass(w, 1000);
    json_t *came = json_array_get(json_object_get(client_next_of(b, "here"), "came"), 0);
    assert_string_equal(text_of(came, "nick"), "ann");
    assert_true(is_true(came, "away"));
    client_destroy(&a);
    client_destroy(&b);
}

static void a_client_that_is_too_fast_gets_errors_and_is_then_closed(void **state)
{
    struct world *w = *state;
    w->config.limits.commands_per_second = 10;
    w->config.limits.commands_burst = 5;
    struct client *c = client_joined(w, "ann");
    for (int i = 0; i < 100; i++)
        client_send(c, "{'type':'away','on':true}");
    assert_int_equal(c->close_code, 0); /* a client that obeys retry_after may get it too */
    for (int i = 0; i < 200; i++)
        client_send(c, "{'type':'away','on':true}");
    world_settle(w);
    json_t *error = client_next_of(c, "error");
    assert_string_equal(text_of(error, "code"), "rate");
    assert_true(json_number_value(json_object_get(error, "retry_after")) > 0);
    assert_int_equal(c->close_code, CLOSE_FLOOD);
    client_destroy(&c);
}

static uint64_t turn_of_history(struct client *c)
{
    client_send(c, "{'type':'history','id':'1','room':'lobby','limit':1}");
    world_settle(c->world);
    return c->world->turn;
}

static void who_has_asked_for_much_comes_after_who_has_asked_for_little(void **state)
{
    struct client *ann = client_joined(*state, "ann"), *bob = client_joined(*state, "bob");
    ann->world->config.limits.commands_per_second = 10;
    ann->world->config.limits.commands_burst = 40;
    for (int i = 0; i < 10; i++)
        turn_of_history(ann);
    assert_true(turn_of_history(bob) < turn_of_history(ann));
    client_destroy(&ann);
    client_destroy(&bob);
}

static void who_takes_much_of_the_archives_time_comes_after_who_takes_little(void **state)
{
    struct world *w = *state;
    struct client *ann = client_joined(w, "ann"), *bob = client_joined(w, "bob");
    w->took_us = 10000;
    turn_of_history(ann);
    w->took_us = 0;
    uint64_t first = turn_of_history(ann);
    assert_true(turn_of_history(bob) < first);
    w->took_us = 3600000000;
    turn_of_history(ann);
    assert_true(turn_of_history(ann) <= (w->now_ms + READING_MEMORY_MS) * 1000);
    client_destroy(&ann);
    client_destroy(&bob);
}

static void a_few_bad_commands_are_tolerated_too_many_are_not(void **state)
{
    struct client *c = client_joined(*state, "ann");
    for (int i = 0; i < 20; i++)
        client_send(c, "nonsense");
    world_settle(*state);
    assert_int_equal(c->close_code, 0);
    client_send(c, "nonsense");
    world_settle(*state);
    assert_int_equal(c->close_code, CLOSE_FLOOD);
    client_destroy(&c);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_begin, world_finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(hello_comes_first),
        CASE(hello_answers_with_a_token_that_opens_the_same_identity),
        CASE(a_nick_stays_its_holders_after_they_leave),
        CASE(an_unused_nick_becomes_free_after_nick_days),
        CASE(a_connected_holder_keeps_the_nick),
        CASE(a_client_with_its_own_token_can_repeat_hello),
        CASE(a_malformed_claim_is_named),
        CASE(one_address_cannot_take_all_nicks),
        CASE(one_address_cannot_take_all_rooms),
        CASE(only_new_rooms_count_for_the_address),
        CASE(reconnecting_gives_no_more_commands),
        CASE(two_claims_of_one_nick_at_once_have_one_winner),
        CASE(reserved_nicks_are_refused),
        CASE(fields_are_checked_before_the_handler),
        CASE(the_limit_of_a_text_counts_bytes),
        CASE(a_message_reaches_everybody_once_and_its_sender_gets_ok),
        CASE(the_same_id_is_the_same_message),
        CASE(a_message_that_cannot_be_stored_is_refused_and_can_be_sent_again),
        CASE(the_longer_nothing_is_stored_the_later_a_client_tries_again),
        CASE(commands_run_in_the_order_sent),
        CASE(too_many_waiting_commands_are_refused_and_none_is_lost_silently),
        CASE(a_long_backlog_pauses_reading),
        CASE(a_command_that_waits_is_checked_before_it_waits),
        CASE(a_command_that_waits_counts_as_what_it_takes),
        CASE(a_connection_that_ends_frees_what_waits),
        CASE(only_the_author_can_change_a_message),
        CASE(a_deleted_message_stays_deleted),
        CASE(members_create_rooms_but_cannot_post_in_all),
        CASE(of_two_rooms_with_one_title_the_first_in_the_log_exists),
        CASE(the_configuration_can_change_a_room),
        CASE(limits_of_rooms_hold),
        CASE(a_read_marker_reaches_the_other_tabs),
        CASE(one_here_signal_names_all_changes),
        CASE(reloading_the_page_causes_no_here_signal),
        CASE(typing_reaches_the_other_people),
        CASE(the_other_people_see_away),
        CASE(a_client_that_is_too_fast_gets_errors_and_is_then_closed),
        CASE(who_has_asked_for_much_comes_after_who_has_asked_for_little),
        CASE(who_takes_much_of_the_archives_time_comes_after_who_takes_little),
        CASE(a_few_bad_commands_are_tolerated_too_many_are_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

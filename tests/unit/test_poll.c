/* test_poll.c - polls in the core (chat/command/poll.c, chat/model/due_poll.c, chat/base/voter.c):
 * how a vote enters the log, what members see of it, and when a poll closes. */
#include "client.h"

#include "chat/base/event.h"
#include "chat/base/voter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LUNCH "'type':'poll','room':'lobby','question':'Lunch?','options':['pizza','sushi','soup']"

/* Creates a poll; its seq. Skips the creator's frames up to the ok. */
static json_int_t poll(struct client *c, const char *id, const char *rules)
{
    client_send(c, "{" LUNCH ",'id':'%s',%s}", id, rules);
    world_settle(c->world);
    return number_of(client_next_of(c, "ok"), "seq");
}

#define OPEN_LIVE     "'max':1,'secret':false,'results':'live'"
#define OPEN_CLOSED   "'max':1,'secret':false,'results':'closed'"
#define SECRET_LIVE   "'max':2,'secret':true,'results':'live'"
#define SECRET_CLOSED "'max':2,'secret':true,'results':'closed'"

static void vote(struct client *c, const char *id, json_int_t of, const char *choices)
{
    client_send(c, "{'type':'vote','id':'%s','room':'lobby','poll':%lld,'choices':[%s]}", id,
                (long long)of, choices);
}

static const char *refused(struct client *c, const char *field)
{
    world_settle(c->world);
    json_t *error = client_next_of(c, "error");
    assert_string_equal(text_of(error, "field"), field);
    return text_of(error, "code");
}

/* --- poll ----------------------------------------------------------------------------------- */

static void a_poll_is_one_event_with_all_its_members(void **state)
{
    struct client *a = client_joined(*state, "ann"), *b = client_joined(*state, "bob");
    json_int_t seq = poll(a, "p", SECRET_CLOSED ",'closes_at':99000000");
    json_t *e = client_next_of(b, "poll");
    assert_int_equal(number_of(e, "seq"), seq);
    assert_string_equal(text_of(e, "from"), "ann");
    assert_string_equal(text_of(e, "key"), "p");
    assert_string_equal(text_of(e, "question"), "Lunch?");
    assert_int_equal(json_array_size(json_object_get(e, "options")), 3);
    assert_int_equal(number_of(e, "max"), 2);
    assert_true(is_true(e, "secret"));
    assert_string_equal(text_of(e, "results"), "closed");
    assert_int_equal(number_of(e, "closes_at"), 99000000);
    assert_string_equal(text_of(e, "text"),
                        "Poll: Lunch?\n1. pizza\n2. sushi\n3. soup\n"
                        "Choose up to 2. Secret ballot. You see the counts when it ends.");
    client_destroy(&a);
    client_destroy(&b);
}

static void an_invalid_poll_is_refused(void **state)
{
    static const struct {
        const char *command, *field;
    } cases[] = {
        {"{" LUNCH ",'id':'1','max':4,'secret':false,'results':'live'}", "max"},
        {"{" LUNCH ",'id':'1','max':0,'secret':false,'results':'live'}", "max"},
        {"{" LUNCH ",'id':'1','max':1,'secret':1,'results':'live'}", "secret"},
        {"{" LUNCH ",'id':'1','max':1,'secret':true,'results':'never'}", "results"},
        {"{" LUNCH ",'id':'1','max':1,'secret':true}", "results"},
        {"{" LUNCH ",'max':1,'secret':true,'results':'live'}", "id"},
        {"{'type':'poll','id':'1','room':'lobby','question':'','options':['a','b'],'max':1,"
         "'secret':true,'results':'live'}",
         "question"},
        {"{'type':'poll','id':'1','room':'lobby','question':'a\\nb','options':['a','b'],'max':1,"
         "'secret':true,'results':'live'}",
         "question"},
        {"{'type':'poll','id':'1','room':'lobby','question':'?','options':['a'],'max':1,"
         "'secret':true,'results':'live'}",
         "options"},
        {"{'type':'poll','id':'1','room':'lobby','question':'?','options':['a','a'],'max':1,"
         "'secret':true,'results':'live'}",
         "options"},
        {"{'type':'poll','id':'1','room':'lobby','question':'?','options':['a',''],'max':1,"
         "'secret':true,'results':'live'}",
         "options"},
        {"{'type':'poll','id':'1','room':'lobby','question':'?','options':['a',7],'max':1,"
         "'secret':true,'results':'live'}",
         "options"},
        {"{'type':'poll','id':'1','room':'lobby','question':'?','options':'ab','max':1,"
         "'secret':true,'results':'live'}",
         "options"},
        {"{'type':'poll','id':'1','room':'lobby','question':'?','options':['1','2','3','4','5','6',"
         "'7','8','9','10','11','12','13','14','15','16','17','18','19','20','21'],'max':1,"
         "'secret':true,'results':'live'}",
         "options"},
    };
    struct client *a = client_joined(*state, "ann");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        client_send(a, "%s", cases[i].command);
        assert_string_equal(refused(a, cases[i].field), "bad_field");
        world_pass(*state, 10000); /* or the errors would close the client */
    }
    client_destroy(&a);
}

/* --- vote ----------------------------------------------------------------------------------- */

static void votes_in_an_open_live_poll_show_names_and_counts(void **state)
{
    struct client *a = client_joined(*state, "ann"), *b = client_joined(*state, "bob");
    json_int_t seq = poll(a, "p", OPEN_LIVE);
    vote(b, "v", seq, "2");
    world_settle(*state);
    assert_int_equal(strlen(text_of(client_next_of(b, "ok"), "receipt")), RECEIPT_CHARS);
    json_t *e = client_next_of(a, "vote");
    assert_int_equal(number_of(e, "poll"), seq);
    assert_int_equal(number_of(e, "voters"), 1);
    assert_string_equal(text_of(e, "from"), "bob");
    assert_int_equal(json_integer_value(json_array_get(json_object_get(e, "counts"), 2)), 1);
    assert_int_equal(json_integer_value(json_array_get(json_object_get(e, "choices"), 0)), 2);
    client_destroy(&a);
    client_destroy(&b);
}

/* The frame has no members but `names`. */
static void expect_members(json_t *frame, const char *names)
{
    const char *name;
    json_t *value;
    json_object_foreach(frame, name, value) if (strstr(names, name) == NULL)
        fail_msg("%s must not be in %s", name, json_dumps(frame, 0));
}

static void other_polls_show_only_the_tally(void **state)
{
    static const struct {
        const char *rules, *members;
    } cases[] = {{SECRET_LIVE, "type room seq at poll voters counts"},
                 {SECRET_CLOSED, "type room seq at poll voters"},
                 {OPEN_CLOSED, "type room seq at poll voters"}};
    struct client *a = client_joined(*state, "ann"), *b = client_joined(*state, "bob");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char id[8];
        snprintf(id, sizeof id, "p%zu", i);
        json_int_t seq = poll(a, id, cases[i].rules);
        snprintf(id, sizeof id, "v%zu", i);
        vote(b, id, seq, "1");
        world_settle(*state);
        expect_members(client_next_of(a, "vote"), cases[i].members);
        expect_members(client_next_of(b, "vote"), cases[i].members);
    }
    client_destroy(&a);
    client_destroy(&b);
}

static void a_vote_in_the_log_does_not_reveal_its_voter(void **state)
{
    struct world *w = *state;
    struct client *a = client_joined(w, "ann"), *b = client_joined(w, "bob");
    json_int_t seq = poll(a, "p", SECRET_LIVE);
    vote(b, "a-telling-id", seq, "0");
    world_settle(w);
    json_t *said = world_event(w, w->event_count - 1);
    char *text = json_dumps(said, 0);
    assert_int_equal(number_of(said, "kind"), EVENT_BALLOT);
    assert_null(strstr(text, "bob"));
    assert_null(strstr(text, "telling"));
    for (size_t i = 0; i < w->event_count; i++) { /* claims of nicks contain the identities */
        json_t *other = world_event_body(w, i);
        json_int_t identity = number_of(other, "identity");
        assert_true(identity == 0 || identity != number_of(said, "author"));
        json_decref(other);
    }
    free(text);
    json_decref(said);
    client_destroy(&a);
    client_destroy(&b);
}

static void a_voter_number_depends_on_identity_and_poll(void **state)
{
    const unsigned char key[SECRET_BYTES] = "one", other[SECRET_BYTES] = "two";
    struct voter first = poll_voter(key, 7, "id"), again = poll_voter(key, 7, "id");
    struct voter change = poll_voter(key, 7, "id2"), elsewhere = poll_voter(other, 7, "id");
    (void)state;
    assert_memory_equal(&first, &again, sizeof first);
    assert_true(first.number == change.number && first.number == poll_voter_number(key, 7));
    assert_true(first.number != elsewhere.number && first.number != poll_voter_number(key, 8));
    assert_true(first.number > 0 && first.number <= INT64_MAX);
    assert_string_not_equal(first.key, change.key);
    assert_string_not_equal(first.receipt, change.receipt);
    assert_string_not_equal(first.receipt, elsewhere.receipt);
}

static void a_vote_sent_again_counts_once_and_has_the_same_receipt(void **state)
{
    struct client *a = client_joined(*state, "ann");
    json_int_t seq = poll(a, "p", SECRET_LIVE);
    char receipt[RECEIPT_CHARS + 1];
    vote(a, "v", seq, "0,1");
    world_settle(*state);
    json_t *ok = client_next_of(a, "ok");
    json_int_t number = number_of(ok, "seq");
    strcpy(receipt, text_of(ok, "receipt"));
    vote(a, "v", seq, "1,0"); /* the order does not matter */
    world_settle(*state);
    ok = client_next_of(a, "ok");
    assert_int_equal(number_of(ok, "seq"), number);
    assert_string_equal(text_of(ok, "receipt"), receipt);
    vote(a, "v", seq, "1");
    assert_string_equal(refused(a, ""), "conflict");
    client_destroy(&a);
}

static void a_vote_can_be_replaced_and_withdrawn(void **state)
{
    struct client *a = client_joined(*state, "ann"), *b = client_joined(*state, "bob");
    json_int_t seq = poll(a, "p", SECRET_LIVE);
    static const struct {
        const char *choices;
        json_int_t voters, counts[3];
    } steps[] = {
        {"0", 1, {1, 0, 0}}, {"1,2", 1, {0, 1, 1}}, {"", 0, {0, 0, 0}}, {"2", 1, {0, 0, 1}}};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        char id[8];
        snprintf(id, sizeof id, "v%zu", i);
        vote(b, id, seq, steps[i].choices);
        world_settle(*state);
        json_t *e = client_next_of(a, "vote");
        assert_int_equal(number_of(e, "voters"), steps[i].voters);
        for (size_t k = 0; k < 3; k++)
            assert_int_equal(json_integer_value(json_array_get(json_object_get(e, "counts"), k)),
                             steps[i].counts[k]);
        bool has_receipt = json_object_get(client_next_of(b, "ok"), "receipt") != NULL;
        assert_int_equal(has_receipt, steps[i].choices[0] != '\0');
    }
    client_destroy(&a);
    client_destroy(&b);
}

static void an_invalid_vote_is_refused(void **state)
{
    struct client *a = client_joined(*state, "ann");
    json_int_t one = poll(a, "p", OPEN_LIVE);
    client_say(a, "lobby", "m", "no poll");
    world_settle(*state);
    json_int_t message = number_of(client_next_of(a, "ok"), "seq");
    static const char *const bad[] = {"0,1", "3", "-1", "20", "0.5", "true", "'0'", "0,0", "null"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        vote(a, "v", one, bad[i]);
        assert_string_equal(refused(a, "choices"), "bad_field");
        world_pass(*state, 10000);
    }
    vote(a, "v", message, "0");
    assert_string_equal(refused(a, ""), "not_found");
    vote(a, "v", 77, "0");
    assert_string_equal(refused(a, ""), "not_found");
    client_send(a, "{'type':'vote','room':'lobby','poll':%lld,'choices':[0]}", (long long)one);
    assert_string_equal(refused(a, "id"), "bad_field");
    client_destroy(&a);
}

static void a_vote_in_a_poll_without_its_key_must_wait(void **state)
{
    struct world *w = *state;
    struct client *a = client_joined(w, "ann");
    json_int_t seq = poll(a, "p", SECRET_LIVE);
    w->keyless = true;
    vote(a, "v", seq, "0");
    assert_string_equal(refused(a, ""), "unavailable");
    w->keyless = false;
    vote(a, "v", seq, "0");
    world_settle(w);
    client_next_of(a, "ok");
    client_destroy(&a);
}

static void a_vote_reaches_the_voters_other_connections(void **state)
{
    struct client *a = client_create(*state), *other = client_create(*state);
    client_send(a, "{'type':'hello','nick':'ann'}");
    world_settle(*state);
    client_send(other, "{'type':'hello','nick':'ann','token':'%s'}",
                text_of(client_next_of(a, "welcome"), "token"));
    client_send(a, "{'type':'join','id':'j','room':'lobby'}");
    world_settle(*state);
    json_int_t seq = poll(a, "p", SECRET_CLOSED);
    vote(a, "v", seq, "1");
    world_settle(*state);
    json_t *voted = client_next_of(other, "voted");
    assert_int_equal(number_of(voted, "poll"), seq);
    assert_null(json_object_get(voted, "choices"));
    while (client_has_more(a))
        assert_string_not_equal(text_of(client_next(a), "type"), "voted");
    client_destroy(&a);
    client_destroy(&other);
}

/* --- the tally ------------------------------------------------------------------------------ */

#define CROWD 40

static void many_votes_of_one_turn_become_one_tally_in_order(void **state)
{
    struct world *w = *state;
    struct client *a = client_joined(w, "ann"), *crowd[CROWD];
    json_int_t seq = poll(a, "p", SECRET_LIVE), before = seq, voters = 0;
    for (int i = 0; i < CROWD; i++) {
        char nick[16];
        snprintf(nick, sizeof nick, "voter%d", i);
        crowd[i] = client_joined(w, nick);
    }
    a->seen = a->count;
    for (int i = 0; i < CROWD; i++) {
        vote(crowd[i], "v", seq, "1");
        if (i == CROWD / 2)
            client_say(a, "lobby", "m", "in the middle of it");
    }
    while (world_answer_archive(w)) /* no flush between them */
        ;
    while (world_answer_journal(w))
        ;
    world_settle(w);
    unsigned tallies = 0, messages = 0;
    while (client_has_more(a)) {
        json_t *e = client_next(a);
        if (json_object_get(e, "seq") == NULL || strcmp(text_of(e, "type"), "ok") == 0)
            continue;
        assert_true(number_of(e, "seq") > before);
        before = number_of(e, "seq");
        messages += strcmp(text_of(e, "type"), "message") == 0;
        tallies += strcmp(text_of(e, "type"), "vote") == 0;
        if (strcmp(text_of(e, "type"), "vote") == 0)
            voters = number_of(e, "voters");
    }
    assert_int_equal(messages, 1);
    assert_int_equal(tallies, 1);
    assert_int_equal(voters, CROWD);
    for (int i = 0; i < CROWD; i++)
        client_destroy(&crowd[i]);
    client_destroy(&a);
}

/* --- the end -------------------------------------------------------------------------------- */

static void only_its_author_closes_a_poll(void **state)
{
    struct client *a = client_joined(*state, "ann"), *b = client_joined(*state, "bob");
    json_int_t seq = poll(a, "p", SECRET_CLOSED);
    vote(b, "v", seq, "0");
    client_send(b, "{'type':'close_poll','id':'c','room':'lobby','poll':%lld}", (long long)seq);
    assert_string_equal(refused(b, ""), "forbidden");
    client_send(a, "{'type':'close_poll','id':'c','room':'lobby','poll':%lld}", (long long)seq);
    world_settle(*state);
    json_t *e = client_next_of(b, "poll_closed");
    assert_int_equal(number_of(e, "poll"), seq);
    assert_int_equal(json_integer_value(json_array_get(json_object_get(e, "counts"), 0)), 1);
    vote(b, "v2", seq, "1");
    assert_string_equal(refused(b, ""), "closed");
    client_destroy(&a);
    client_destroy(&b);
}

static void a_poll_cannot_be_edited_and_deleting_it_ends_it(void **state)
{
    struct client *a = client_joined(*state, "ann");
    json_int_t seq = poll(a, "p", OPEN_LIVE ",'closes_at':2000000");
    client_send(a, "{'type':'edit','id':'e','room':'lobby','of':%lld,'text':'x'}", (long long)seq);
    assert_string_equal(refused(a, ""), "forbidden");
    client_send(a, "{'type':'delete','id':'d','room':'lobby','of':%lld}", (long long)seq);
    world_settle(*state);
    client_next_of(a, "delete");
    vote(a, "v", seq, "0");
    assert_string_equal(refused(a, ""), "not_found");
    world_pass(*state, 1500000); /* the clock does not close it */
    while (client_has_more(a))
        assert_string_not_equal(text_of(client_next(a), "type"), "poll_closed");
    client_destroy(&a);
}

static void ballots_can_be_read_only_after_the_end(void **state)
{
    struct client *a = client_joined(*state, "ann");
    json_int_t seq = poll(a, "p", SECRET_LIVE);
    client_send(a, "{'type':'ballots','id':'b','room':'lobby','poll':%lld}", (long long)seq);
    assert_string_equal(refused(a, ""), "forbidden");
    client_send(a, "{'type':'close_poll','id':'c','room':'lobby','poll':%lld}", (long long)seq);
    client_send(a, "{'type':'ballots','id':'b2','room':'lobby','poll':%lld}", (long long)seq);
    world_settle(*state);
    json_t *reply = client_next_of(a, "ballots");
    assert_string_equal(text_of(reply, "id"), "b2");
    assert_int_equal(number_of(reply, "poll"), seq);
    assert_true(json_is_array(json_object_get(reply, "ballots")));
    client_destroy(&a);
}

/* --- the clock ------------------------------------------------------------------------------ */

static unsigned count(struct client *c, const char *type)
{
    unsigned n = 0;
    while (client_has_more(c))
        n += strcmp(text_of(client_next(c), "type"), type) == 0;
    return n;
}

static void the_clock_closes_a_poll_once(void **state)
{
    struct world *w = *state;
    struct client *a = client_joined(w, "ann");
    poll(a, "p", SECRET_LIVE ",'closes_at':1005000"); /* the world begins at 1000000 */
    world_pass(w, 4750);
    assert_int_equal(count(a, "poll_closed"), 0);
    world_pass(w, 500);
    json_t *last = a->frames[a->count - 1];
    assert_string_equal(text_of(last, "type"), "poll_closed");
    assert_null(json_object_get(last, "by"));
    world_pass(w, 10000);
    assert_int_equal(count(a, "poll_closed"), 1);
    client_destroy(&a);
}

static void a_poll_due_before_the_start_closes_at_once(void **state)
{
    struct world *w = *state;
    struct client *a = client_joined(w, "ann");
    json_int_t seq = poll(a, "p", SECRET_LIVE);
    assert_int_equal(chat_add_poll(w->chat, "lobby", (uint64_t)seq, 5),
                     OK); /* as at the start, from the archive */
    world_pass(w, 250);
    assert_int_equal(count(a, "poll_closed"), 1);
    client_destroy(&a);
}

static void a_close_that_cannot_be_stored_is_retried(void **state)
{
    struct world *w = *state;
    struct client *a = client_joined(w, "ann");
    poll(a, "p", SECRET_LIVE ",'closes_at':1005000");
    w->journal_broken = true;
    world_pass(w, 8000);
    assert_int_equal(count(a, "poll_closed"), 0);
    w->journal_broken = false;
    world_pass(w, 1500);
    assert_int_equal(count(a, "poll_closed"), 1);
    client_destroy(&a);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_begin, world_finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_poll_is_one_event_with_all_its_members),
        CASE(an_invalid_poll_is_refused),
        CASE(votes_in_an_open_live_poll_show_names_and_counts),
        CASE(other_polls_show_only_the_tally),
        CASE(a_vote_in_the_log_does_not_reveal_its_voter),
        CASE(a_voter_number_depends_on_identity_and_poll),
        CASE(a_vote_sent_again_counts_once_and_has_the_same_receipt),
        CASE(a_vote_can_be_replaced_and_withdrawn),
        CASE(an_invalid_vote_is_refused),
        CASE(a_vote_in_a_poll_without_its_key_must_wait),
        CASE(a_vote_reaches_the_voters_other_connections),
        CASE(many_votes_of_one_turn_become_one_tally_in_order),
        CASE(only_its_author_closes_a_poll),
        CASE(a_poll_cannot_be_edited_and_deleting_it_ends_it),
        CASE(ballots_can_be_read_only_after_the_end),
        CASE(the_clock_closes_a_poll_once),
        CASE(a_poll_due_before_the_start_closes_at_once),
        CASE(a_close_that_cannot_be_stored_is_retried),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

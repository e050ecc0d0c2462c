/* test_heard.c - what a node learns about people from other nodes, and what it must reject. */
#include "hub.h"

#include "chat/model/pull.h"

#include <stdlib.h>
#include <string.h>

static uint64_t identity_of(struct hub *h, const char *nick)
{
    const struct world *w = h->worlds[0];
    uint64_t id = 0;
    for (size_t i = 0; i < w->event_count; i++) {
        json_t *body = world_event_body(w, i);
        if (strcmp(text_of(body, "nick"), nick) == 0)
            id = (uint64_t)number_of(body, "identity");
        json_decref(body);
    }
    assert_true(id > 0);
    return id;
}

/* --- read, joined --------------------------------------------------------------------------- */

static void a_read_marker_counts_on_every_node(void **state)
{
    struct hub *h = *state;
    char token[64] = "";
    struct client *here = hub_enter(h, 0, "ann", token), *there = hub_enter(h, 1, "ann", token);
    for (int i = 0; i < 3; i++) {
        client_say(here, "lobby", (const char *[]){"m1", "m2", "m3"}[i], "x");
        hub_settle(h);
    }
    there->seen = there->count;
    hub_send(h, here, "{'type':'read','room':'lobby','seq':2}");
    json_t *read = client_next_of(there, "read");
    assert_string_equal(text_of(read, "room"), "lobby");
    assert_int_equal(number_of(read, "seq"), 2);
    hub_send(h, there, "{'type':'read','room':'lobby','seq':1}"); /* behind the marker */
    assert_int_equal(client_has_more(there), false);
    for (size_t i = 0; i < HUB_NODES; i++) {
        struct kept_marker *m = world_marker(h->worlds[i], identity_of(h, "ann"), "lobby");
        assert_int_equal(m->read, 2);
        assert_true(m->joined);
    }
    hub_send(h, there, "{'type':'leave','room':'lobby'}");
    for (size_t i = 0; i < HUB_NODES; i++) {
        struct kept_marker *m = world_marker(h->worlds[i], identity_of(h, "ann"), "lobby");
        assert_int_equal(m->read, 2);
        assert_false(m->joined);
    }
    client_destroy(&here);
    client_destroy(&there);
}

static void a_node_that_knew_less_does_not_set_a_marker_back(void **state)
{
    struct hub *h = *state;
    char token[64] = "";
    struct client *bob = hub_enter(h, 1, "bob", NULL), *ann = hub_hello(h, 0, "ann", token);
    world_marker(h->worlds[1], identity_of(h, "ann"), "lobby")->read = 7;
    hub_send(h, ann, "{'type':'join','room':'lobby'}");
    hub_pass(h, 1000);
    struct kept_marker *m = world_marker(h->worlds[1], identity_of(h, "ann"), "lobby");
    assert_int_equal(m->read, 7);
    assert_true(m->joined);
    client_destroy(&ann);
    client_destroy(&bob);
}

/* --- typing --------------------------------------------------------------------------------- */

static void typing_reaches_the_other_people_on_every_node(void **state)
{
    struct hub *h = *state;
    char token[64] = "";
    struct client *bob = hub_enter(h, 1, "bob", NULL);
    struct client *here = hub_enter(h, 0, "ann", token), *there = hub_enter(h, 1, "ann", token);
    hub_pass(h, 1000);
    bob->seen = bob->count;
    there->seen = there->count;
    hub_send(h, here, "{'type':'typing','room':'lobby'}");
    json_t *typing = client_next_of(bob, "typing");
    assert_string_equal(text_of(typing, "from"), "ann");
    assert_string_equal(text_of(typing, "room"), "lobby");
    assert_false(client_has_more(bob));
    assert_false(client_has_more(there));
    client_destroy(&here);
    client_destroy(&there);
    client_destroy(&bob);
}

static void too_much_typing_is_not_passed_on(void **state)
{
    struct hub *h = *state;
    struct client *ann = hub_enter(h, 0, "ann", NULL), *bob = hub_enter(h, 1, "bob", NULL);
    hub_pass(h, 1000);
    h->sent = 0;
    for (int i = 0; i < 3000; i++)
        client_send(ann, "{'type':'typing','room':'lobby'}");
    assert_in_range(h->sent, 1, 2001);
    hub_settle(h);
    client_destroy(&ann);
    client_destroy(&bob);
}

/* --- hello ---------------------------------------------------------------------------------- */

static json_t *room_of(json_t *welcome, const char *name)
{
    size_t k;
    json_t *room;
    json_array_foreach(json_object_get(welcome, "rooms"), k,
                       room) if (strcmp(text_of(room, "room"), name) == 0) return room;
    fail_msg("no room %s", name);
    return NULL;
}

static void a_holder_connected_elsewhere_enters_with_their_token(void **state)
{
    struct hub *h = *state;
    char token[64] = "", wrong[64] = "wrong";
    struct client *ann = hub_enter(h, 0, "ann", token);
    hub_pass(h, 1000);
    struct client *thief = hub_hello(h, 1, "ann", NULL);
    assert_string_equal(client_error(thief), "nick_taken");
    client_destroy(&thief);
    thief = hub_hello(h, 1, "ann", wrong);
    assert_string_equal(client_error(thief), "nick_taken");
    client_destroy(&thief);

    struct kept_marker *m = world_marker(h->worlds[1], identity_of(h, "ann"), "news");
    m->read = 7;
    m->joined = true;
    struct client *there = hub_hello(h, 1, "ann", token);
    json_t *welcome = client_next_of(there, "welcome");
    assert_string_equal(text_of(welcome, "token"), token);
    assert_int_equal(number_of(room_of(welcome, "news"), "read"), 7);
    assert_true(is_true(room_of(welcome, "news"), "joined"));
    assert_true(is_true(room_of(welcome, "lobby"), "joined"));
    client_destroy(&there);
    client_destroy(&ann);
}

static void a_marker_heard_while_the_archive_is_asked_is_kept(void **state)
{
    struct hub *h = *state;
    char token[64] = "";
    struct client *ann = hub_enter(h, 0, "ann", token);
    client_say(ann, "lobby", "m", "x");
    hub_pass(h, 1000);
    struct client *there = client_create(h->worlds[1]);
    client_send(there, "{'type':'hello','nick':'ann','token':'%s'}", token);
    char mark[256];
    snprintf(mark, sizeof mark,
             "'kind':'mark','n':0,'nick':'ann','identity':%llu,'room':'lobby','read':1,"
             "'joined':false",
             (unsigned long long)identity_of(h, "ann"));
    hub_say(h, 1, mark);
    world_marker(h->worlds[1], identity_of(h, "ann"), "lobby")->read =
        0; /* as before the mark arrived */
    hub_settle(h);
    json_t *lobby = room_of(client_next_of(there, "welcome"), "lobby");
    assert_int_equal(number_of(lobby, "read"), 1);
    assert_false(is_true(lobby, "joined"));
    client_destroy(&there);
    client_destroy(&ann);
}

static void a_claim_that_the_archive_lacks_still_holds(void **state)
{
    struct hub *h = *state;
    char token[64] = "";
    h->lags[1] = h->worlds[1]->nick_taken = true;
    struct client *ann = hub_enter(h, 0, "ann", token);
    hub_pass(h, 1000);
    struct client *there = hub_hello(h, 1, "ann", NULL);
    assert_string_equal(client_error(there), "nick_taken");
    client_send(there, "{'type':'hello','nick':'ann','token':'%s'}", token);
    world_answer_archive(h->worlds[1]);
    world_answer_journal(h->worlds[1]);
    h->lags[1] = false; /* the log is here before the archive is asked again */
    hub_settle(h);
    client_next_of(there, "welcome");
    client_destroy(&there);
    client_destroy(&ann);
}

#define HASH_OF_X "d161d71145abeec5ef15abcf0459cec60a27321e2f0ac0ef7ace5254f5944476"

/* A node says that "root" has the number of ann, an admin, and a token that mallory knows. */
static void a_message_on_the_bus_gives_nobody_an_identity(void **state)
{
    struct hub *h = *state;
    char words[512], token[64] = "", x[] = "x";
    struct client *ann = hub_enter(h, 1, "ann", token), *bob = hub_enter(h, 0, "bob", NULL);
    hub_pass(h, 4000);
    snprintf(words, sizeof words,
             "'kind':'people','n':1,'people':[{'room':'lobby','nick':'root','identity':%llu,"
             "'here':true,'token':'" HASH_OF_X "'}]",
             (unsigned long long)identity_of(h, "ann"));
    hub_say(h, 0, words);
    hub_pass(h, 1000);
    assert_string_equal(hub_here(h, bob), "ann bob root");
    struct client *mallory = hub_hello(h, 0, "root", x);
    client_next_of(mallory, "welcome"); /* the nick was free: a new identity has it */
    assert_true(identity_of(h, "root") != identity_of(h, "ann"));
    client_destroy(&mallory);
    client_destroy(&ann);
    hub_pass(h, 20000); /* the stranger names ann, whose own node does not */
    snprintf(words, sizeof words,
             "'kind':'people','n':2,'people':[{'room':'lobby','nick':'ann','identity':%llu,"
             "'here':true,'token':'" HASH_OF_X "'}]",
             (unsigned long long)identity_of(h, "ann"));
    hub_say(h, 0, words);
    hub_pass(h, 1000);
    mallory = hub_hello(h, 0, "ann", x);
    assert_string_equal(client_error(mallory), "nick_taken");
    ann = hub_hello(h, 0, "ann", token);
    client_next_of(ann, "welcome");
    client_destroy(&mallory);
    client_destroy(&ann);
    client_destroy(&bob);
}

#define SOMEBODY "1111111111111111111111111111111111111111111111111111111111111111"

static void the_log_decides_who_holds_a_nick(void **state)
{
    struct hub *h = *state;
    char token[64] = "";
    struct client *bob = hub_enter(h, 1, "bob", NULL), *ann = hub_enter(h, 1, "ann", token);
    hub_pass(h, 1000);
    hub_say(h, 1,
            "'kind':'people','n':1,'people':[{'room':'lobby','nick':'ann','identity':5,"
            "'here':true,'token':'" SOMEBODY "'}]");
    client_destroy(&ann);
    hub_pass(h, 4000);
    assert_string_equal(hub_here(h, bob), "bob"); /* the log gave the nick to another identity */

    hub_say(h, 1,
            "'kind':'people','n':2,'people':[{'room':'lobby','nick':'ann','identity':5,"
            "'here':true,'token':'" SOMEBODY "'}]");
    hub_pass(h, 1000);
    assert_string_equal(hub_here(h, bob), "ann bob");
    bob->seen = bob->count;
    ann = hub_hello(h, 1, "ann", token);
    client_next_of(ann, "welcome");
    assert_string_equal(hub_here(h, bob), "bob");
    client_destroy(&ann);

    ann = client_create(h->worlds[1]);
    client_send(ann, "{'type':'hello','nick':'cat'}");
    world_answer_archive(h->worlds[1]);
    /* a stranger reports another holder while the claim is under way */
    hub_say(h, 1,
            "'kind':'people','n':2,'people':[{'room':'lobby','nick':'cat','identity':5,"
            "'here':true,'token':'" SOMEBODY "'}]");
    hub_settle(h);
    client_next_of(ann, "welcome");
    client_destroy(&ann);
    client_destroy(&bob);
}

/* --- wrong messages ------------------------------------------------------------------------- */

#define PERSON(more) "'kind':'people','n':1,'people':[" more "]"
#define EVE          "'room':'lobby','nick':'eve','identity':5,'here':true"
#define HASH         "'token':'" SOMEBODY "'"

static const char *const bad_words[] = {
    "",
    "'kind':'people'",
    "'kind':7,'n':1,'people':[]",
    "'kind':'people','n':-1,'people':[]",
    "'kind':'people','n':1.5,'people':[]",
    "'kind':'people','n':'1','people':[]",
    "'kind':'people','n':9007199254740992,'people':[]",
    "'kind':'people','n':99999999999999999999999,'people':[]",
    "'kind':'people','n':1,'people':{}",
    "'kind':'people','n':1,'people':null",
    PERSON("null"),
    PERSON("[]"),
    PERSON("[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]"),
    PERSON("{}"),
    PERSON("7,'x',true"),
    PERSON("{" EVE "," HASH ",'away':1}"),
    PERSON("{" EVE "," HASH ",'at':-1}"),
    PERSON("{" EVE "," HASH ",'at':9007199254740992}"),
    PERSON("{'room':'nowhere','nick':'eve','identity':5,'here':true," HASH "}"),
    PERSON("{'room':'','nick':'eve','identity':5,'here':true," HASH "}"),
    PERSON("{'room':'../x','nick':'eve','identity':5,'here':true," HASH "}"),
    PERSON("{'room':'lobby','nick':'','identity':5,'here':true," HASH "}"),
    PERSON("{'room':'lobby','nick':' eve','identity':5,'here':true," HASH "}"),
    PERSON("{'room':'lobby','nick':'e\\u0000ve','identity':5,'here':true," HASH "}"),
    PERSON("{'room':'lobby','nick':'e\\u202eve','identity':5,'here':true," HASH "}"),
    PERSON("{'room':'lobby','nick':7,'identity':5,'here':true," HASH "}"),
    PERSON("{'room':'lobby','nick':'eve','identity':0,'here':true," HASH "}"),
    PERSON("{'room':'lobby','nick':'eve','identity':-5,'here':true," HASH "}"),
    PERSON("{'room':'lobby','nick':'eve','identity':'5','here':true," HASH "}"),
    PERSON("{'room':'lobby','nick':'eve','identity':9223372036854775807,'here':true," HASH "}"),
    PERSON("{'room':'lobby','nick':'eve','identity':5,'here':'yes'," HASH "}"),
    PERSON("{'room':'lobby','nick':'eve','identity':5,'here':false}"),
    PERSON("{'room':'lobby','nick':'ann','identity':5,'here':true," HASH ",'away':true,'at':9}"),
    PERSON("{'room':'lobby','nick':'ann','identity':5,'here':false}"),
    "'kind':'all','n':0,'round':1,'part':0,'last':true",
    "'kind':'all','n':0,'round':1,'part':-1,'last':true,'people':[]",
    "'kind':'all','n':0,'round':1,'part':3,'last':true,'people':[]",
    "'kind':'all','n':0,'round':1,'part':4294967296,'last':true,'people':[]",
    "'kind':'all','n':0,'round':1,'part':0,'last':1,'people':[]",
    "'kind':'all','n':0,'round':1,'part':0,'last':true,'people':[7]",
    "'kind':'ask','n':0",
    "'kind':'ask','n':0,'to':7",
    "'kind':'ask','n':0,'to':'nobody'",
    "'kind':'away','n':1,'nick':'ann','identity':5,'on':true,'at':9",
    "'kind':'away','n':1,'nick':'ann','identity':5,'on':1,'at':9",
    "'kind':'away','n':1,'nick':'nobody','identity':5,'on':true,'at':9",
    "'kind':'mark','n':1,'nick':'ann','identity':5,'room':'nowhere','read':1,'joined':true",
    "'kind':'mark','n':1,'nick':'','identity':5,'room':'lobby','read':1,'joined':true",
    "'kind':'mark','n':1,'nick':'ann','identity':5,'room':'lobby','read':-1,'joined':true",
    "'kind':'mark','n':1,'nick':'ann','identity':5,'room':'lobby','read':1",
    "'kind':'typing','n':1,'nick':'ann','identity':5,'room':'lobby'",
    "'kind':'typing','n':1,'nick':'e\\u202eve','identity':5,'room':'lobby'",
    "'kind':'typing','n':1,'nick':'eve','identity':5,'room':'nowhere'",
    "'kind':'typing','n':1,'nick':'eve','room':'lobby'",
    "'kind':'sing','n':1,'song':[1,2,3]",
    "'kind':'bye','n':0",
    "'kind':'beat','n':0,'n':1",
};

static void say_people(struct hub *h, unsigned n)
{
    struct bytes words = {0};
    bytes_add_text(&words, "'kind':'people','n':1,'people':[");
    for (unsigned i = 0; i < n; i++) {
        char person[200];
        snprintf(person, sizeof person, "%s{'room':'lobby','nick':'p%u','identity':%u,'here':true}",
                 i == 0 ? "" : ",", i, i + 10);
        bytes_add_text(&words, person);
    }
    bytes_add(&words, "]", 2);
    hub_say(h, 0, words.at);
    bytes_finish(&words);
    hub_pass(h, 500);
}

static void a_message_names_no_more_people_than_a_turn_can_take(void **state)
{
    struct hub *h = *state;
    struct room *lobby = room_find(h->worlds[0]->chat, "lobby");
    say_people(h, 201);
    assert_int_equal(lobby->people_count, 0);
    say_people(h, 200);
    assert_int_equal(lobby->people_count, 200);
}

static void a_mark_far_beyond_the_log_does_not_mark_what_comes_later(void **state)
{
    struct hub *h = *state;
    char token[64] = "", mark[256];
    struct client *ann = hub_enter(h, 0, "ann", token);
    uint64_t id = identity_of(h, "ann");
    client_say(ann, "lobby", "m", "x");
    hub_settle(h);
    for (size_t node = 0; node < 2; node++) { /* ann is at the first one only */
        snprintf(mark, sizeof mark,
                 "'kind':'mark','n':0,'nick':'ann','identity':%llu,'room':'lobby',"
                 "'read':9007199254740991,'joined':true",
                 (unsigned long long)id);
        hub_say(h, node, mark);
        hub_settle(h);
        assert_int_equal(world_marker(h->worlds[node], id, "lobby")->read, 1);
    }
    client_destroy(&ann);
}

/* The later of two switches counts: nothing would come later. */
static void nobody_is_away_from_the_year_9999_on(void **state)
{
    struct hub *h = *state;
    char words[256];
    struct client *ann = hub_enter(h, 0, "ann", NULL), *bob = hub_enter(h, 1, "bob", NULL);
    hub_pass(h, 4000);
    snprintf(words, sizeof words,
             "'kind':'away','n':1,'nick':'ann','identity':%llu,'on':true,'at':9007199254740991",
             (unsigned long long)identity_of(h, "ann"));
    hub_say(h, 0, words);
    hub_pass(h, 1000);
    assert_string_equal(hub_here(h, ann), "ann bob");
    hub_send(h, ann, "{'type':'away','on':true}");
    hub_pass(h, 1000);
    assert_string_equal(hub_here(h, bob), "ann~ bob");
    client_destroy(&ann);
    client_destroy(&bob);
}

static void wrong_messages_are_dropped(void **state)
{
    struct hub *h = *state;
    struct client *ann = hub_enter(h, 0, "ann", NULL), *bob = hub_enter(h, 1, "bob", NULL);
    hub_pass(h, 4000);
    ann->seen = ann->count;
    size_t markers = h->worlds[0]->marker_count;
    for (size_t i = 0; i < sizeof bad_words / sizeof *bad_words; i++) {
        hub_say(h, 0, bad_words[i]);
        hub_pass(h, 500);
        session_heard(ann->session);
        session_heard(bob->session);
        if (client_has_more(ann))
            fail_msg("%s", bad_words[i]);
    }
    assert_string_equal(hub_here(h, ann), "ann bob");
    assert_int_equal(h->worlds[0]->marker_count, markers);
    hub_say(h, 0, PERSON("null,{" EVE "," HASH ",'away':true,'at':9,'more':[]}"));
    hub_pass(h, 500);
    assert_string_equal(hub_here(h, ann), "ann bob eve~");
    client_destroy(&ann);
    client_destroy(&bob);
}

static void bytes_that_are_no_message_are_dropped(void **state)
{
    struct hub *h = *state;
    struct chat *chat = h->worlds[0]->chat;
    static char huge[2 * 1024 * 1024];
    static const char *const texts[] = {"",
                                        "{",
                                        "}",
                                        "null",
                                        "[]",
                                        "7",
                                        "\"x\"",
                                        "{}",
                                        "\xff\xfe",
                                        "{\"kind\":\"beat\"",
                                        "{\"kind\":\"\xff\"}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        chat_heard(chat, texts[i], strlen(texts[i]));
    chat_heard(chat, NULL, 0);
    memset(huge, '[', sizeof huge);
    chat_heard(chat, huge, sizeof huge);
    chat_heard(chat, huge, sizeof huge / 4);
    assert_int_equal(chat_stats(chat).nodes, HUB_NODES - 1);
}

/* --- photos --------------------------------------------------------------------------------- */

/* What the chat says to the daemon about photos. */
struct pull {
    char words[512];
};

static void note(struct pull *p, const char *word, const char *photo, unsigned n)
{
    size_t used = strlen(p->words);
    snprintf(p->words + used, sizeof p->words - used, "%s %.1s %u; ", word, photo, n);
}

static void on_named(struct pull *p, const char *photo, bool upload)
{
    note(p, "named", photo, upload);
}

static void on_wanted(struct pull *p, const char *photo, const char *boot)
{
    note(p, "wanted", photo, (unsigned)strlen(boot));
}

static void on_given(struct pull *p, const char *photo, unsigned first, unsigned end)
{
    note(p, "given", photo, 10 * first + end);
}

static void on_taken(struct pull *p, const char *photo, const char *boot, unsigned end)
{
    (void)boot;
    note(p, "taken", photo, end);
}

static const struct pull_ops pull_notes = {on_named, on_wanted, on_given, on_taken};

#define NAME "AAAAAAAAAAAAAAAAAAAAAA"
#define WORD(kind, photo, end)                                                                     \
    "{\"kind\":\"" kind                                                                            \
    "\",\"node\":\"b\",\"boot\":\"0000000000000000\",\"n\":0,\"photo\":\"" photo                   \
    "\",\"first\":1,\"end\":" end "}"

static void words_about_photos_are_checked(void **state)
{
    struct hub *h = *state;
    struct world *w = h->worlds[0];
    struct pull pull = {""};
    static const char *const texts[] = {
        WORD("want", NAME, "3"),     WORD("give", NAME, "3"),
        WORD("taken", NAME, "3"),    WORD("want", "../../../etc/passwd..", "3"),
        WORD("want", "A", "3"),      WORD("give", "../../../etc/passwd...", "3"),
        WORD("give", NAME, "-1"),    WORD("give", NAME, "4294967297"),
        WORD("taken", NAME, "null"), WORD("taken", ".AAAAAAAAAAAAAAAAAAAAA", "3"),
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        chat_heard(w->chat, texts[i], strlen(texts[i])); /* nobody listens */
    w->config.pull_ops = &pull_notes;
    w->config.pull = &pull;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        chat_heard(w->chat, texts[i], strlen(texts[i]));
    assert_string_equal(pull.words, "wanted A 16; given A 13; taken A 3; ");
    w->config.pull_ops = NULL;
}

static void photos_of_the_log_are_named(void **state)
{
    struct hub *h = *state;
    struct world *w = h->worlds[0];
    struct pull pull = {""};
    static const char photo[] = "{\"photo\":\"" NAME "\"}", plain[] = "{\"text\":\"x\"}",
                      shown[] = "{\"text\":\"\",\"photos\":[{\"photo\":\"" NAME
                                "\"},{\"photo\":\"BBBBBBBBBBBBBBBBBBBBBB\"}]}";
    struct event e = {.room = "", .kind = EVENT_PHOTO, .body = photo, .body_bytes = strlen(photo)};
    w->config.pull_ops = &pull_notes;
    w->config.pull = &pull;
    chat_apply(w->chat, &e);
    e = (struct event){
        .room = "none", .kind = EVENT_MESSAGE, .body = shown, .body_bytes = strlen(shown)};
    chat_apply(w->chat, &e);
    e.body = plain;
    e.body_bytes = strlen(plain);
    chat_apply(w->chat, &e);
    e.body = shown;
    e.body_bytes = strlen(shown);
    e.kind = EVENT_VOID;
    chat_apply(w->chat, &e);
    assert_string_equal(pull.words, "named A 1; named A 0; named B 0; ");
    w->config.pull_ops = NULL;
}

/* --- nodes ---------------------------------------------------------------------------------- */

static void the_number_of_nodes_is_limited(void **state)
{
    struct hub *h = *state;
    struct client *ann = hub_enter(h, 0, "ann", NULL), *bob = hub_enter(h, 1, "bob", NULL);
    hub_pass(h, 4000);
    for (int i = 0; i < 1000; i++) {
        char text[256];
        int n = snprintf(text, sizeof text,
                         "{\"kind\":\"beat\",\"node\":\"n%d\",\"boot\":\"%016d\",\"n\":%d}", i, i,
                         i % 3);
        chat_heard(h->worlds[0]->chat, text, (size_t)n);
    }
    assert_int_equal(chat_stats(h->worlds[0]->chat).nodes, 64);
    assert_string_equal(hub_here(h, ann), "ann bob");
    hub_pass(h, 13000);
    assert_int_equal(chat_stats(h->worlds[0]->chat).nodes, HUB_NODES - 1);
    client_destroy(&ann);
    client_destroy(&bob);
}

static void two_nodes_with_one_name_count_as_two(void **state)
{
    struct hub *h = *state;
    struct client *ann = hub_enter(h, 0, "ann", NULL), *bob = hub_enter(h, 1, "bob", NULL);
    hub_pass(h, 4000);
    for (int i = 0; i < 10; i++) {
        static const char text[] =
            "{\"kind\":\"beat\",\"node\":\"b\",\"boot\":\"0000000000000000\",\"n\":0}";
        chat_heard(h->worlds[0]->chat, text, strlen(text));
        hub_pass(h, 3000);
    }
    assert_string_equal(hub_here(h, ann), "ann bob");
    assert_int_equal(chat_stats(h->worlds[0]->chat).nodes, HUB_NODES);
    client_destroy(&ann);
    client_destroy(&bob);
}

static void a_node_alone_ignores_messages(void **state)
{
    struct world *w = world_create();
    static const char text[] =
        "{\"kind\":\"up\",\"node\":\"b\",\"boot\":\"0000000000000000\",\"n\":0}";
    (void)state;
    chat_heard(w->chat, text, strlen(text));
    chat_bus_up(w->chat);
    world_pass(w, 10000);
    assert_int_equal(chat_stats(w->chat).nodes, 0);
    world_destroy(&w);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, hub_begin, hub_finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_read_marker_counts_on_every_node),
        CASE(a_node_that_knew_less_does_not_set_a_marker_back),
        CASE(typing_reaches_the_other_people_on_every_node),
        CASE(too_much_typing_is_not_passed_on),
        CASE(a_holder_connected_elsewhere_enters_with_their_token),
        CASE(a_marker_heard_while_the_archive_is_asked_is_kept),
        CASE(a_claim_that_the_archive_lacks_still_holds),
        CASE(a_message_on_the_bus_gives_nobody_an_identity),
        CASE(the_log_decides_who_holds_a_nick),
        CASE(a_message_names_no_more_people_than_a_turn_can_take),
        CASE(a_mark_far_beyond_the_log_does_not_mark_what_comes_later),
        CASE(nobody_is_away_from_the_year_9999_on),
        CASE(wrong_messages_are_dropped),
        CASE(bytes_that_are_no_message_are_dropped),
        CASE(words_about_photos_are_checked),
        CASE(photos_of_the_log_are_named),
        CASE(the_number_of_nodes_is_limited),
        CASE(two_nodes_with_one_name_count_as_two),
        cmocka_unit_test(a_node_alone_ignores_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

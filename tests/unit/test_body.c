/* test_body.c - what event_check() takes for an event, and what it does not. */
#include "chat/base/body.h"
#include "chat/base/json.h"
#include "chat/base/plain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct event event_of(enum event_kind kind, const char *body)
{
    enum event_class class = event_traits(kind)->class;
    uint64_t of = class == CLASS_CHANGE || class == CLASS_TALLY || class == CLASS_ACT ? 5 : 0;
    return (struct event){.room = class == CLASS_SERVER ? SERVER_LOG : "lobby",
                          .seq = 7,
                          .at_ms = 1000,
                          .kind = kind,
                          .author = 3,
                          .of = of,
                          .key = "k",
                          .body = body,
                          .body_bytes = strlen(body)};
}

#define POLL(options, more) "{'from':'Ann','key':'k','question':'?','options':" options "," more "}"
#define RULES               "'max':1,'secret':false,'results':'live','text':''"
#define ROOM_OF(post)       "{'room':'attic','title':'Attic','topic':'','post':" post "}"
#define NAME(nick, number, token)                                                                  \
    "{'nick':" nick ",'skeleton':'ann','token':" token ",'identity':" number ",'free_before':0}"

/* clang-format off */
#define PHOTO(name, mime, preview)                                                                 \
    "{'photo':'" name "','width':4,'height':3,'mime':" mime ",'bytes':9,'preview':" preview "}"

static const struct example {
    enum event_kind kind;
    const char *body; /* ' stands for " */
} good[] = {
    { EVENT_MESSAGE, "{'from':'Ann','key':'k','text':'hi'}" },
    { EVENT_MESSAGE, "{'from':'Ann','key':'k','reply_to':3,'text':'h\\u0001i \\n \xc3\xa4'}" },
    { EVENT_MESSAGE, "{'from':'','text':''}" },
    { EVENT_MESSAGE, "{'from':'Ann','text':'x','sounds':[{'id':'p'}]}" }, /* of a newer version */
    { EVENT_MESSAGE, "{'from':'Ann','text':'','photos':[" PHOTO("AAAAAAAAAAAAAAAAAAAAAA", "'image/png'", "null") "]}" },
    { EVENT_MESSAGE, "{'from':'Ann','text':'','photos':[]}" }, /* deleted */
    { EVENT_PHOTO, PHOTO("AAAAAAAAAAAAAAAAAAAAAA", "'image/webp'", "'abc_-'") },
    { EVENT_POLL, POLL("['a','b']", RULES) },
    { EVENT_POLL, POLL("['a','a','a']", RULES ",'closes_at':99") },
    { EVENT_POLL, "{'from':'Ann','question':'','options':[]," RULES "}" }, /* a deleted one */
    { EVENT_GAP, "{'after':6}" },
    { EVENT_EDIT, "{'from':'Ann','key':'k','of':5,'text':'x'}" },
    { EVENT_EDIT, "{'from':'Ann','of':5,'text':''}" },
    { EVENT_DELETE, "{'from':'Ann','key':'k','of':5}" },
    { EVENT_DELETE, "{'from':'Ann','key':'k','of':5,'reason':'spam'}" },
    { EVENT_VOTE, "{'choices':[0,2],'code':'c','from':'Ann'}" },
    { EVENT_VOTE, "{'poll':5,'voters':1,'counts':[1,0],'from':'Ann','choices':[0]}" },
    { EVENT_BALLOT, "{'choices':[],'again':true}" },
    { EVENT_BALLOT, "{'poll':5,'voters':1}" },
    { EVENT_POLL_CLOSED, "{'poll':5}" },
    { EVENT_POLL_CLOSED, "{'poll':5,'by':'Ann'}" },
    { EVENT_POLL_CLOSED, "{'poll':5,'voters':0,'counts':[0,0],'digest':'" HEX64 "'}" },
    { EVENT_REACTION, "{'from':'Ann','key':'k','of':5,'emoji':'x','on':true}" },
    { EVENT_PIN, "{'from':'Ann','key':'k','of':5,'on':true}" },
    { EVENT_TOPIC, "{'from':'Ann','key':'k','topic':'Say hello','title':'Lobby'}" },
    { EVENT_POST, "{'from':'Ann','key':'k','who':'moderator'}" },
    { EVENT_PIN, "{'from':'Ann','of':5,'on':false,'again':true}" },
    { EVENT_REACTION, "{'from':'Ann','of':5,'emoji':'x','on':false,'count':2,'nicks':['Bob','Cy']}" },
    { EVENT_REACTION, "{'from':'Ann','key':'k','of':5,'emoji':'x','on':true,'again':true}" },
    { EVENT_ROLE, "{'nick':'Bob','role':'moderator','by':'Ann','key':'k'}" },
    { EVENT_BAN, "{'nick':'Bob','seconds':0,'key':'k'}" },
    { EVENT_UNBAN, "{'nick':'Bob'}" },
    { EVENT_PURGE, "{'nick':'Bob','key':'k'}" },
    { EVENT_KICK, "{'nick':'Bob','reason':'x'}" },
    { EVENT_MUTE, "{'nick':'Bob','seconds':60}" },
    { EVENT_UNMUTE, "{'nick':'Bob'}" },
    { EVENT_ROOM, ROOM_OF("'member'") },
    { EVENT_ROOM, ROOM_OF("'nobody'") },
    { EVENT_IDENTITY, NAME("'Ann'", "1", "'" HEX64 "'") },
    { EVENT_ROOM_GONE, "{'room':'attic'}" },
    { EVENT_ROOM_GONE, "{'room':'attic','life':2,'last':0}" },
    { EVENT_SETTING, "{'nick':'ann','until':0}" },
    { EVENT_SETTING, "{'nick':'ann','room':'attic','level':'none'}" },
    { EVENT_VOID, "{}" },
    { EVENT_VOID, "{'why':'not_found'}" },
    { EVENT_VOID, "{'why':'','since':7}" },
}, bad[] = {
    { 0, "{}" }, { 3, "{}" }, { 126, "{}" },
    { EVENT_MESSAGE, "" }, { EVENT_MESSAGE, "{" }, { EVENT_MESSAGE, "{}" }, { EVENT_MESSAGE, "[]" },
    { EVENT_MESSAGE, "{'from':'Ann','text':'x'}{}" },
    { EVENT_MESSAGE, "{'from':'Ann','text':'x','photos':[{}]}" },
    { EVENT_MESSAGE, "{'from':'Ann','text':'','photos':[" PHOTO("../../../etc/shadow.jpg", "'image/png'", "null") "]}" },
    { EVENT_PHOTO, PHOTO("../../../etc/pass.wd..", "'image/png'", "null") },
    { EVENT_PHOTO, PHOTO("AAAAAAAAAAAAAAAAAAAAAA", "'text/html'", "null") },
    { EVENT_PHOTO, PHOTO("AAAAAAAAAAAAAAAAAAAAAA", "'image/png'", "'<b>'") },
    { EVENT_MESSAGE, "{ 'from':'Ann','text':'x'}" },
    { EVENT_MESSAGE, "{'from':'Ann','text':'x','text':'y'}" },
    { EVENT_MESSAGE, "{'from':'Ann','text':'\xff'}" },
    { EVENT_MESSAGE, "{'from':'Ann','text':'\xed\xa0\x80'}" },
    { EVENT_MESSAGE, "{'from':'Ann','text':'a\\u0000b'}" },
    { EVENT_MESSAGE, "{'from':'Ann','text':'x','more':'\\u0000'}" },
    { EVENT_MESSAGE, "{'from':'Ann','text':'a\nb'}" },
    { EVENT_MESSAGE, "{'from':'Ann','text':null}" },
    { EVENT_MESSAGE, "{'text':'x'}" },
    { EVENT_MESSAGE, "{'from':'Ann','text':'x','seq':1}" },
    { EVENT_MESSAGE, "{'from':'Ann','text':'x','deleted':true}" },
    { EVENT_MESSAGE, "{'from':'Ann','text':'x','reply_to':0}" },
    { EVENT_MESSAGE, "{'from':'Ann','text':'x','reply_to':9007199254740992}" },
    { EVENT_MESSAGE, "{'from':'Ann','key':'a b','text':'x'}" },
    { EVENT_POLL, POLL("['a']", RULES) }, { EVENT_POLL, POLL("[]", RULES) },
    { EVENT_POLL, POLL("['a',1]", RULES) }, { EVENT_POLL, POLL("'ab'", RULES) },
    { EVENT_POLL, POLL("['a','b']", "'max':3,'secret':false,'results':'live','text':''") },
    { EVENT_POLL, POLL("['a','b']", "'max':1,'secret':false,'text':''") },
    { EVENT_POLL, POLL("['a','b']", "'max':1,'secret':0,'results':'live','text':''") },
    { EVENT_POLL, POLL("['a','b']", RULES ",'votes':7") },
    { EVENT_GAP, "{}" },
    { EVENT_EDIT, "{'from':'Ann','of':4,'text':'x'}" },
    { EVENT_EDIT, "{'from':'Ann','of':5}" },
    { EVENT_DELETE, "{'from':'Ann','of':5,'reason':1}" },
    { EVENT_VOTE, "{}" },
    { EVENT_VOTE, "{'choices':[20]}" }, { EVENT_VOTE, "{'choices':[-1]}" },
    { EVENT_VOTE, "{'choices':[1,1]}" },
    { EVENT_VOTE, "{'voters':1}" }, { EVENT_VOTE, "{'poll':4,'voters':1}" },
    { EVENT_BALLOT, "{'poll':5,'voters':-1}" },
    { EVENT_BALLOT, "{'poll':5,'voters':1,'counts':[-1]}" },
    { EVENT_BALLOT, "{'poll':5,'voters':1,'counts':[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]}" },
    { EVENT_POLL_CLOSED, "{'poll':6}" },
    { EVENT_POLL_CLOSED, "{'poll':5,'digest':'0'}" },
    { EVENT_REACTION, "{'from':'Ann','of':4,'emoji':'x','on':true}" },
    { EVENT_PIN, "{'from':'Ann','of':4,'on':true}" },
    { EVENT_TOPIC, "{'from':'Ann','topic':'Say hello'}" },
    { EVENT_TOPIC, "{'from':'Ann','title':'Lobby','topic':5}" },
    { EVENT_POST, "{'from':'Ann','who':'nobody'}" },
    { EVENT_POST, "{'from':'Ann'}" },
    { EVENT_PIN, "{'from':'Ann','of':5,'on':1}" },
    { EVENT_PIN, "{'from':'Ann','of':5}" },
    { EVENT_REACTION, "{'from':'Ann','of':5,'on':true}" },
    { EVENT_REACTION, "{'from':'Ann','of':5,'emoji':'','on':true}" },
    { EVENT_REACTION, "{'from':'Ann','of':5,'emoji':'x'}" },
    { EVENT_REACTION, "{'from':'Ann','of':5,'emoji':'x','on':true,'nicks':[1]}" },
    { EVENT_ROLE, "{'nick':'Bob'}" }, { EVENT_ROLE, "{'nick':'Bob','role':'king'}" },
    { EVENT_ROLE, "{'nick':'Bob','role':'admin','room':'lobby'}" },
    { EVENT_BAN, "{'nick':'Bob'}" }, { EVENT_BAN, "{'nick':'Bob','seconds':9223372036854775807}" },
    { EVENT_BAN, "{'seconds':1}" },
    { EVENT_SETTING, "{'nick':'ann'}" }, { EVENT_SETTING, "{'nick':'ann','room':'attic','level':'some'}" },
    { EVENT_SETTING, "{'nick':'ann','until':-1}" }, { EVENT_SETTING, "{'nick':'ann','room':'attic','until':1}" },
    { EVENT_ROOM_GONE, "{}" }, { EVENT_ROOM_GONE, "{'room':''}" },
    { EVENT_ROOM_GONE, "{'room':'attic','life':-1}" }, { EVENT_ROOM_GONE, "{'room':'attic','last':'1'}" },
    { EVENT_ROOM, ROOM_OF("'king'") }, { EVENT_ROOM, ROOM_OF("1") },
    { EVENT_ROOM, "{'room':'A','title':'','topic':'','post':'member'}" },
    { EVENT_IDENTITY, NAME("''", "1", "'" HEX64 "'") },
    { EVENT_IDENTITY, NAME("'Ann'", "0", "'" HEX64 "'") },
    { EVENT_IDENTITY, NAME("'Ann'", "4611686018427387904", "'" HEX64 "'") },
    { EVENT_IDENTITY, NAME("'Ann'", "1", "'00'") },
    { EVENT_VOID, "{'why':1}" },
    { EVENT_VOID, "{'why':'','since':'7'}" },
};
/* clang-format on */

static char *quoted(const char *body)
{
    char *text = strdup(body);
    for (char *p = text; *p != '\0'; p++)
        if (*p == '\'')
            *p = '"';
    return text;
}

static enum event_fault check(const struct example *x)
{
    char *body = quoted(x->body);
    struct event e = event_of(x->kind, body);
    enum event_fault fault = event_check(&e);
    if (e.kind == EVENT_MESSAGE && fault == FAULT_NONE)
        assert_int_equal(event_check_body(&e), FAULT_NONE);
    free(body);
    return fault;
}

static void every_kind_has_good_bodies(void **state)
{
    bool seen[EVENT_KIND_MAX + 1] = {false};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        enum event_fault fault = check(&good[i]);
        if (fault != FAULT_NONE)
            fail_msg("%s: %s", good[i].body, event_fault_words(fault));
        seen[good[i].kind] = true;
    }
    for (int k = 0; k <= EVENT_KIND_MAX; k++)
        if (event_traits((enum event_kind)k)->class != CLASS_NONE && !seen[k])
            fail_msg("no example of kind %d", k);
}

static void other_bodies_are_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (check(&bad[i]) == FAULT_NONE)
            fail_msg("kind %d: %s", (int)bad[i].kind, bad[i].body);
}

static void a_long_body_is_a_fault_where_a_limit_is(void **state)
{
    static char body[BODY_BYTES_MAX + 100];
    (void)state;
    for (size_t n = 262144; n <= 262145; n++) {
        int end = sprintf(body, "{\"from\":\"Ann\",\"text\":\"%0*d\"}", (int)n, 0);
        struct event e = event_of(EVENT_MESSAGE, body);
        assert_int_equal(e.body_bytes, end);
        assert_int_equal(event_check(&e), n == 262144 ? FAULT_NONE : FAULT_FIELD);
        assert_int_equal(event_check_body(&e), event_check(&e));
    }
    sprintf(body, "{\"from\":\"Ann\",\"text\":\"\",\"x\":\"%0*d\"}", (int)BODY_BYTES_MAX, 0);
    struct event e = event_of(EVENT_MESSAGE, body);
    assert_int_equal(event_check(&e), FAULT_JSON);
    sprintf(body, "{\"nick\":\"%0129d\"}", 0);
    e = event_of(EVENT_UNBAN, body);
    assert_int_equal(event_check(&e), FAULT_FIELD);
}

static const char message[] = "{\"from\":\"Ann\",\"key\":\"k\",\"text\":\"hi\"}";

static void a_zero_byte_is_no_blank(void **state)
{
    char body[] = "{\"from\":\"Ann\",\"text\":\"hi\",\"reply_to\":31 }";
    (void)state;
    for (size_t i = 1; i + 1 < sizeof body - 1; i++) {
        char before = body[i];
        body[i] = '\0';
        struct event e = event_of(EVENT_MESSAGE, "");
        e.body = body;
        e.body_bytes = sizeof body - 1;
        assert_int_equal(event_check(&e), FAULT_JSON);
        body[i] = before;
    }
}

static void numbers_have_ranges(void **state)
{
    (void)state;
    struct event e = event_of(EVENT_MESSAGE, message), edit;
#define WITH(member, value)                                                                        \
    (e = event_of(EVENT_MESSAGE, message), e.member = (value), event_check(&e))
    assert_int_equal(WITH(seq, 0), FAULT_NUMBER);
    assert_int_equal(WITH(seq, (uint64_t)1 << 53), FAULT_NUMBER);
    assert_int_equal(WITH(at_ms, -1), FAULT_NUMBER);
    assert_int_equal(WITH(at_ms, AT_MAX + 1), FAULT_NUMBER);
    assert_int_equal(WITH(at_ms, AT_MAX), FAULT_NONE);
    assert_int_equal(WITH(author, (uint64_t)1 << 62), FAULT_NUMBER);
    assert_int_equal(WITH(author, 0), FAULT_NONE);
    assert_int_equal(WITH(of, 5), FAULT_NUMBER);
    assert_int_equal(WITH(room, SERVER_LOG), FAULT_KIND);
    edit = event_of(EVENT_EDIT, "{\"from\":\"Ann\",\"of\":7,\"text\":\"x\"}");
    edit.of = 7; /* itself */
    assert_int_equal(event_check(&edit), FAULT_NUMBER);
}

static void keys_have_an_alphabet(void **state)
{
    static const char *const keys[] = {"", "a b", "\"", "ä", "a\n"};
    char longest[ID_MAX + 2];
    (void)state;
    struct event e = event_of(EVENT_MESSAGE, message);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        e.key = keys[i];
        assert_int_equal(event_check(&e), FAULT_KEY);
    }
    memset(longest, 'k', sizeof longest);
    longest[ID_MAX + 1] = '\0';
    e.key = longest;
    assert_int_equal(event_check(&e), FAULT_KEY);
    longest[ID_MAX] = '\0';
    assert_int_equal(event_check(&e), FAULT_NONE);
    e.key = "told:00ff";
    assert_int_equal(event_check(&e), FAULT_NONE);
    e.key = NULL;
    assert_int_equal(event_check(&e), FAULT_NONE);
}

static void a_plain_object_needs_no_tree(void **state)
{
    static const struct field fields[] = {{"text", FIELD_STRING, true, 1, 4},
                                          {"key", FIELD_ID, false, 0, 0},
                                          {"n", FIELD_INT, false, 0, 100},
                                          {0}};
    static const struct {
        const char *text;
        bool plain;
    } cases[] = {
        {"{'text':'abcd'}", true},
        {"{'key':'k-1','n':0,'text':'a'}", true},
        {"{'text':'\\n\\\\\\'\xc3\xa4'}", false}, /* five bytes */
        {"{'text':'\\n\\\\\xc3\xa4'}", true},
        {"{'text':''}", false},
        {"{'text':'abcde'}", false},
        {"{'text':'a\\u0041'}", false},
        {"{'text':'\xc3'}", false},
        {"{'n':1}", false},
        {"{'text':'a','n':01}", false},
        {"{'text':'a','n':-1}", false},
        {"{'text':'a','n':1.0}", false},
        {"{'text':'a','n':101}", false},
        {"{'text':'a','n':99999999999999999999}", false},
        {"{'text':'a','key':''}", false},
        {"{'text':'a','key':'k k'}", false},
        {"{'text':'a','text':'b'}", false},
        {"{'text':'a','more':1}", false},
        {"{'text':'a',}", false},
        {"{'text':'a'} ", false},
        {"{'text' :'a'}", false},
        {"{'tex':'a'}", false},
        {"{'text':1}", false},
        {"{'text':'a", false},
        {"{'text':'a\\", false},
        {"{'text':", false},
        {"{", false},
        {"", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = quoted(cases[i].text);
        if (plain_object_ok(fields, text, strlen(text)) != cases[i].plain)
            fail_msg("%s", text);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_good_bodies),
        cmocka_unit_test(other_bodies_are_faults),
        cmocka_unit_test(a_long_body_is_a_fault_where_a_limit_is),
        cmocka_unit_test(a_zero_byte_is_no_blank),
        cmocka_unit_test(numbers_have_ranges),
        cmocka_unit_test(keys_have_an_alphabet),
        cmocka_unit_test(a_plain_object_needs_no_tree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

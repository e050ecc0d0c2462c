/* test_moderation.c - roles, bans, kicks and mutes, from the command to its effect
 * (chat/command/moderation.c, chat/model/standings.c, chat/model/sanction.c). */
#include "hub.h"

#include "chat/base/event.h"

#include <stdlib.h>
#include <string.h>

static struct client *enter(struct client *c, const char *room)
{
    client_send(c, "{'type':'join','id':'join','room':'%s'}", room);
    world_settle(c->world);
    return c;
}

/* Sends a command with an id; the type of its answer, or the error's code. Skips earlier frames. */
static const char *reply(struct client *c, const char *text)
{
    static unsigned n;
    c->seen = c->count;
    client_send(c, "{'id':'c%u',%s}", ++n, text);
    world_settle(c->world);
    for (;;) {
        json_t *frame = client_next(c);
        if (json_object_get(frame, "id") != NULL)
            return strcmp(text_of(frame, "type"), "error") == 0 ? text_of(frame, "code")
                                                                : text_of(frame, "type");
    }
}

#define ROLE(nick, role)        "'type':'role','nick':'" nick "','role':'" role "'"
#define ROLE_HERE(nick, role)   ROLE(nick, role) ",'room':'lobby'"
#define BAN(nick, seconds)      "'type':'ban','nick':'" nick "','seconds':" seconds
#define BAN_HERE(nick, seconds) BAN(nick, seconds) ",'room':'lobby'"
#define UNBAN(nick)             "'type':'unban','nick':'" nick "'"
#define UNBAN_HERE(nick)        UNBAN(nick) ",'room':'lobby'"
#define KICK(nick)              "'type':'kick','room':'lobby','nick':'" nick "'"
#define PURGE_HERE(nick)        "'type':'purge','room':'lobby','nick':'" nick "'"

/* Ann is an admin, mia moderates the lobby, bob is a member; all are in the lobby. */
struct cast {
    struct world *w;
    struct client *op, *ann, *mia, *bob;
};

static struct cast assemble(struct world *w)
{
    struct cast c = {w, client_operator(w), client_joined(w, "ann"), client_joined(w, "mia"),
                     client_joined(w, "bob")};
    assert_string_equal(reply(c.op, ROLE("ann", "admin")), "ok");
    assert_string_equal(reply(c.ann, ROLE_HERE("mia", "moderator")), "ok");
    world_pass(w, 1000);
    c.ann->seen = c.ann->count;
    c.mia->seen = c.mia->count;
    c.bob->seen = c.bob->count;
    return c;
}

static void go(struct cast *c)
{
    client_destroy(&c->op);
    client_destroy(&c->ann);
    client_destroy(&c->mia);
    client_destroy(&c->bob);
}

/* --- roles ---------------------------------------------------------------------------------- */

static void members_and_newcomers_see_a_new_role(void **state)
{
    struct world *w = *state;
    struct client *op = client_operator(w), *ann = client_joined(w, "ann"),
                  *bob = client_joined(w, "bob");
    world_pass(w, 1000);
    bob->seen = bob->count;
    assert_string_equal(reply(op, ROLE_HERE("ann", "moderator")), "ok");
    json_t *event = client_next_of(bob, "role");
    assert_string_equal(text_of(event, "nick"), "ann");
    assert_string_equal(text_of(event, "role"), "moderator");
    assert_true(number_of(event, "seq") > 0);
    assert_null(json_object_get(event, "by")); /* the operator has no nick */
    assert_null(json_object_get(event, "of"));
    world_pass(w, 1000);
    json_t *came = json_array_get(json_object_get(client_next_of(bob, "here"), "came"), 0);
    assert_string_equal(text_of(came, "nick"), "ann");
    assert_string_equal(text_of(came, "role"), "moderator");
    struct client *cat = enter(client_named(w, "cat"), "lobby");
    assert_string_equal(text_of(client_next_of(cat, "joined"), "role"), "member");
    enter(ann, "lobby");
    assert_string_equal(text_of(client_next_of(ann, "joined"), "role"), "moderator");
    enter(ann, "news");
    assert_string_equal(text_of(client_next_of(ann, "joined"), "role"), "member");
    client_destroy(&op);
    client_destroy(&ann);
    client_destroy(&cat);
    client_destroy(&bob);
}

static void a_server_role_is_announced_in_the_persons_rooms(void **state)
{
    struct world *w = *state;
    struct cast c = assemble(w);
    struct client *cat = enter(client_named(w, "cat"), "news");
    cat->seen = cat->count;
    assert_string_equal(reply(c.ann, ROLE("bob", "moderator")), "ok");
    json_t *told = client_next_of(c.mia, "role");
    assert_string_equal(text_of(told, "room"), "lobby");
    assert_string_equal(text_of(told, "by"), "ann");
    assert_null(json_object_get(told, "seq")); /* a signal, from no room's log */
    assert_false(client_has_more(cat));
    enter(c.bob, "news");
    assert_string_equal(text_of(client_next_of(c.bob, "joined"), "role"), "moderator");
    client_destroy(&cat);
    go(&c);
}

static void the_higher_role_counts(void **state)
{
    struct world *w = *state;
    struct cast c = assemble(w);
    assert_string_equal(reply(c.ann, ROLE("mia", "moderator")), "ok");
    assert_string_equal(reply(c.ann, ROLE_HERE("mia", "member")), "ok");
    enter(c.mia, "lobby");
    assert_string_equal(text_of(client_next_of(c.mia, "joined"), "role"), "moderator");
    assert_string_equal(reply(c.ann, ROLE("mia", "member")), "ok");
    enter(c.mia, "lobby");
    assert_string_equal(text_of(client_next_of(c.mia, "joined"), "role"), "member");
    go(&c);
}

static void only_admins_give_roles_and_never_to_an_equal(void **state)
{
    struct cast c = assemble(*state);
    assert_string_equal(reply(c.bob, ROLE("bob", "admin")), "forbidden");
    assert_string_equal(reply(c.mia, ROLE_HERE("bob", "moderator")), "forbidden");
    assert_string_equal(reply(c.ann, ROLE("bob", "admin")), "ok");
    assert_string_equal(reply(c.ann, ROLE("bob", "member")), "forbidden");
    assert_string_equal(reply(c.ann, ROLE("ann", "member")), "forbidden");
    assert_string_equal(reply(c.op, ROLE("bob", "member")), "ok");
    assert_string_equal(reply(c.bob, ROLE("mia", "moderator")), "forbidden");
    go(&c);
}

static void an_invalid_role_command_is_refused(void **state)
{
    struct cast c = assemble(*state);
    assert_string_equal(reply(c.ann, ROLE_HERE("bob", "admin")),
                        "bad_field"); /* rooms have no admins */
    assert_string_equal(reply(c.ann, ROLE("bob", "king")), "bad_field");
    assert_string_equal(reply(c.ann, ROLE("nobody", "moderator")), "not_found");
    assert_string_equal(reply(c.ann, ROLE(" bob", "moderator")), "bad_nick");
    assert_string_equal(reply(c.ann, ROLE("bob", "moderator") ",'room':'attic'"), "no_such_room");
    c.ann->seen = c.ann->count;
    client_send(c.ann, "{" ROLE("bob", "moderator") "}");
    world_settle(c.w);
    assert_string_equal(text_of(client_next(c.ann), "field"), "id");
    go(&c);
}

static void an_act_sent_again_happens_once(void **state)
{
    struct world *w = *state;
    struct cast c = assemble(w);
    for (int i = 0; i < 2; i++) {
        c.ann->seen = c.ann->count;
        client_send(c.ann, "{'id':'again'," ROLE("bob", "admin") "}");
        world_settle(w);
        client_next_of(c.ann, "ok");
    }
    client_send(c.ann, "{'id':'again'," ROLE("mia", "admin") "}");
    world_settle(w);
    assert_string_equal(client_error(c.ann), "conflict");
    go(&c);
}

static void an_act_can_name_an_absent_person(void **state)
{
    struct world *w = *state;
    struct cast c = assemble(w);
    client_destroy(&c.bob);
    world_pass(w, 10000);
    assert_string_equal(reply(c.ann, ROLE_HERE("bob", "moderator")), "ok");
    assert_string_equal(text_of(client_next_of(c.mia, "role"), "nick"), "bob");
    client_destroy(&c.op);
    client_destroy(&c.ann);
    client_destroy(&c.mia);
}

static void the_operator_cannot_use_commands_of_members(void **state)
{
    struct cast c = assemble(*state);
    assert_string_equal(reply(c.op, "'type':'join','room':'lobby'"), "forbidden");
    assert_string_equal(reply(c.op, "'type':'create','room':'ops'"), "forbidden");
    assert_string_equal(reply(c.op, "'type':'away','on':true"), "forbidden");
    assert_string_equal(reply(c.op, "'type':'hello','nick':'op'"), "forbidden");
    go(&c);
}

static void the_number_of_standings_is_limited(void **state)
{
    struct world *w = *state;
    struct cast c = assemble(w);
    w->config.limits.standings = 2;
    assert_string_equal(reply(c.ann, BAN_HERE("bob", "60")), "full");
    assert_string_equal(reply(c.ann, ROLE_HERE("mia", "member")), "ok");
    assert_string_equal(reply(c.ann, BAN_HERE("bob", "60")), "ok");
    go(&c);
}

/* --- what roles allow ----------------------------------------------------------------------- */

static void moderators_post_where_members_may_not(void **state)
{
    struct world *w = *state;
    struct cast c = assemble(w);
    enter(c.bob, "news");
    enter(c.ann, "news");
    assert_string_equal(reply(c.bob, "'type':'say','room':'news','text':'hi'"), "forbidden");
    assert_string_equal(reply(c.ann, "'type':'say','room':'news','text':'hi'"), "ok");
    assert_string_equal(reply(c.ann, ROLE("bob", "moderator")), "ok");
    assert_string_equal(reply(c.bob, "'type':'say','room':'news','text':'hi'"), "ok");
    w->config.create_rooms = ROLE_ADMIN;
    assert_string_equal(reply(c.bob, "'type':'create','room':'mine'"), "forbidden");
    assert_string_equal(reply(c.ann, "'type':'create','room':'mine'"), "ok");
    w->config.create_rooms = ROLE_NOBODY;
    assert_string_equal(reply(c.ann, "'type':'create','room':'mine2'"), "forbidden");
    go(&c);
}

static json_int_t say(struct client *c, const char *text)
{
    static unsigned n;
    c->seen = c->count;
    client_send(c, "{'id':'s%u','type':'say','room':'lobby','text':'%s'}", ++n, text);
    world_settle(c->world);
    return number_of(client_next_of(c, "ok"), "seq");
}

static const char *delete_it(struct client *c, json_int_t of)
{
    char text[100];
    snprintf(text, sizeof text, "'type':'delete','room':'lobby','of':%lld", (long long)of);
    return reply(c, text);
}

static void moderators_delete_messages_of_lower_roles(void **state)
{
    struct cast c = assemble(*state);
    json_int_t bobs = say(c.bob, "spam"), anns = say(c.ann, "rules"), mias = say(c.mia, "hm");
    assert_string_equal(delete_it(c.bob, mias), "forbidden");
    assert_string_equal(delete_it(c.mia, anns), "forbidden");
    assert_string_equal(delete_it(c.mia, bobs), "ok");
    assert_string_equal(text_of(client_next_of(c.bob, "delete"), "from"), "mia");
    assert_string_equal(delete_it(c.ann, mias), "ok");
    assert_string_equal(delete_it(c.ann, anns), "ok");
    c.mia->seen = c.mia->count;
    client_send(c.mia, "{'id':'e','type':'edit','room':'lobby','of':%lld,'text':'x'}",
                (long long)say(c.bob, "mine"));
    world_settle(c.w);
    assert_string_equal(client_error(c.mia), "forbidden"); /* only the author edits */
    go(&c);
}

#define POLL                                                                                       \
    "'type':'poll','room':'lobby','question':'Q?','options':['a','b'],'max':1,'secret':true,"      \
    "'results':'closed'"

static void moderators_close_polls(void **state)
{
    struct world *w = *state;
    struct cast c = assemble(w);
    struct client *cat = client_joined(w, "cat");
    assert_string_equal(reply(c.ann, POLL), "ok");
    char close[100];
    snprintf(close, sizeof close, "'type':'close_poll','room':'lobby','poll':%lld",
             (long long)number_of(c.ann->frames[c.ann->seen - 1], "seq"));
    assert_string_equal(reply(cat, close), "forbidden");
    cat->seen = cat->count;
    assert_string_equal(reply(c.mia, close), "ok"); /* also another's poll */
    client_next_of(cat, "poll_closed");
    client_destroy(&cat);
    go(&c);
}

/* --- bans ----------------------------------------------------------------------------------- */

static void a_ban_from_a_room_ends_the_membership(void **state)
{
    struct world *w = *state;
    struct cast c = assemble(w);
    enter(c.bob, "news");
    assert_string_equal(reply(c.mia, BAN_HERE("bob", "30") ",'reason':'spam'"), "ok");
    json_t *event = client_next_of(c.bob, "ban");
    assert_int_equal(number_of(event, "seconds"), 30);
    assert_string_equal(text_of(event, "reason"), "spam");
    assert_string_equal(text_of(event, "by"), "mia");
    assert_string_equal(text_of(client_next_of(c.ann, "ban"), "nick"), "bob");
    say(c.ann, "he is gone");
    assert_false(client_has_more(c.bob));
    assert_string_equal(reply(c.bob, "'type':'say','room':'lobby','text':'hi'"), "not_member");
    assert_string_equal(reply(c.bob, "'type':'history','room':'lobby'"), "not_member");
    assert_string_equal(reply(c.bob, "'type':'join','room':'lobby'"), "banned");
    assert_string_equal(reply(c.bob, "'type':'who','room':'news'"),
                        "who"); /* still a member of the other room */
    world_pass(w, 31000);
    assert_string_equal(reply(c.bob, "'type':'join','room':'lobby'"), "joined");
    go(&c);
}

static void a_ban_can_be_lifted(void **state)
{
    struct world *w = *state;
    struct cast c = assemble(w);
    assert_string_equal(reply(c.mia, BAN_HERE("bob", "0")), "ok");
    world_pass(w, 40000);
    assert_string_equal(reply(c.bob, "'type':'join','room':'lobby'"), "banned");
    assert_string_equal(reply(c.bob, UNBAN_HERE("bob")), "forbidden");
    assert_string_equal(reply(c.mia, UNBAN_HERE("bob")), "ok");
    assert_string_equal(reply(c.bob, "'type':'join','room':'lobby'"), "joined");
    go(&c);
}

static void a_ban_from_the_server_closes_all_sessions_at_once(void **state)
{
    struct world *w = *state;
    struct cast c = assemble(w);
    struct client *bob = client_create(w), *bob2 = client_create(w);
    client_send(bob, "{'type':'hello','id':'h','nick':'rob'}");
    world_settle(w);
    char token[64];
    snprintf(token, sizeof token, "%s", text_of(client_next_of(bob, "welcome"), "token"));
    client_send(bob2, "{'type':'hello','id':'h','nick':'rob','token':'%s'}", token);
    enter(bob, "lobby");
    world_settle(w);
    assert_string_equal(reply(c.mia, BAN("rob", "3600")),
                        "forbidden"); /* mia moderates one room only */
    assert_string_equal(reply(c.ann, BAN("rob", "3600")), "ok");
    assert_int_equal(bob->close_code, CLOSE_BANNED);
    assert_int_equal(bob2->close_code, CLOSE_BANNED);
    assert_string_equal(text_of(client_next_of(c.mia, "ban"), "room"), "lobby");
    client_destroy(&bob);
    client_destroy(&bob2);
    world_pass(w, 10000);
    bob = client_create(w);
    client_send(bob, "{'type':'hello','id':'h','nick':'rob','token':'%s'}", token);
    world_settle(w);
    assert_string_equal(client_error(bob), "banned");
    assert_string_equal(reply(c.ann, UNBAN("rob")), "ok");
    client_send(bob, "{'type':'hello','id':'h2','nick':'rob','token':'%s'}", token);
    world_settle(w);
    client_next_of(bob, "welcome");
    client_destroy(&bob);
    go(&c);
}

static void nobody_bans_an_equal(void **state)
{
    struct cast c = assemble(*state);
    assert_string_equal(reply(c.bob, BAN_HERE("mia", "1")), "forbidden");
    assert_string_equal(reply(c.mia, BAN_HERE("ann", "1")), "forbidden");
    assert_string_equal(reply(c.mia, BAN_HERE("mia", "1")), "forbidden");
    assert_string_equal(reply(c.mia, BAN("bob", "1") ",'room':'news'"), "forbidden");
    assert_string_equal(reply(c.mia, PURGE_HERE("ann")), "forbidden");
    assert_string_equal(reply(c.mia, BAN_HERE("bob", "-1")), "bad_field");
    assert_string_equal(reply(c.op, BAN("ann", "1")), "ok");
    assert_int_equal(c.ann->close_code, CLOSE_BANNED);
    go(&c);
}

/* While its socket is stuck. When the socket takes bytes again the client gets the ban, and no
 * event after it. */
static void a_ban_ends_the_membership_of_a_stuck_client(void **state)
{
    struct world *w = *state;
    struct cast c = assemble(w);
    c.bob->takes = 0;
    say(c.ann, "before");
    assert_string_equal(reply(c.mia, BAN_HERE("bob", "0")), "ok");
    say(c.ann, "after");
    c.bob->takes = (size_t)-1;
    session_writable(c.bob->session);
    world_settle(w);
    client_next_of(c.bob, "ban");
    assert_false(client_has_more(c.bob));
    go(&c);
}

static void a_join_under_way_does_not_slip_past_a_ban(void **state)
{
    struct world *w = *state;
    struct cast c = assemble(w);
    client_send(
        c.bob,
        "{'id':'j','type':'join','room':'lobby'}"); /* a second join, which asks the archive */
    client_send(c.op, "{'id':'b'," BAN_HERE("bob", "0") "}");
    while (world_answer_journal(w))
        ;
    world_settle(w);
    client_send(c.bob, "{'id':'s','type':'say','room':'lobby','text':'still here?'}");
    world_settle(w);
    c.bob->seen = 0;
    unsigned answers = 0;
    for (json_t *frame; client_has_more(c.bob);)
        if (strcmp(text_of(frame = client_next(c.bob), "id"), "s") == 0) {
            assert_string_equal(text_of(frame, "code"), "not_member");
            answers++;
        }
    assert_int_equal(answers, 1);
    go(&c);
}

/* --- kicks and mutes ------------------------------------------------------------------------- */

static void a_kicked_person_may_join_again(void **state)
{
    struct cast c = assemble(*state);
    assert_string_equal(reply(c.bob, KICK("mia")), "forbidden");
    assert_string_equal(reply(c.mia, KICK("ann")), "forbidden");
    assert_string_equal(reply(c.mia, "'type':'kick','nick':'bob'"),
                        "bad_field"); /* a kick needs a room */
    assert_string_equal(reply(c.mia, KICK("bob") ",'reason':'calm down'"), "ok");
    assert_string_equal(text_of(client_next_of(c.bob, "kick"), "reason"), "calm down");
    assert_string_equal(text_of(client_next_of(c.ann, "kick"), "nick"), "bob");
    assert_string_equal(reply(c.bob, "'type':'say','room':'lobby','text':'hi'"), "not_member");
    assert_string_equal(reply(c.bob, "'type':'join','room':'lobby'"), "joined");
    go(&c);
}

static void a_muted_person_reads_and_votes_but_says_nothing(void **state)
{
    struct world *w = *state;
    struct cast c = assemble(w);
    json_int_t of = say(c.bob, "before");
    char edit[100];
    snprintf(edit, sizeof edit, "'type':'edit','room':'lobby','text':'x','of':%lld", (long long)of);
    assert_string_equal(reply(c.ann, POLL), "ok");
    char vote[100];
    snprintf(vote, sizeof vote, "'type':'vote','room':'lobby','choices':[1],'poll':%lld",
             (long long)number_of(c.ann->frames[c.ann->seen - 1], "seq"));
    assert_string_equal(reply(c.mia, "'type':'mute','room':'lobby','nick':'bob','seconds':30"),
                        "ok");
    client_next_of(c.bob, "mute");
    assert_string_equal(reply(c.bob, "'type':'say','room':'lobby','text':'hi'"), "muted");
    double left = json_real_value(json_object_get(c.bob->frames[c.bob->seen - 1], "retry_after"));
    assert_true(left > 29 && left <= 30);
    assert_string_equal(reply(c.bob, edit), "muted");
    assert_string_equal(reply(c.bob, POLL), "muted");
    assert_string_equal(reply(c.bob, vote), "ok");
    char talk[100];
    snprintf(talk, sizeof talk, "'type':'delete','room':'lobby','reason':'hi','of':%lld",
             (long long)of);
    assert_string_equal(reply(c.bob, talk), "muted");
    assert_string_equal(delete_it(c.bob, of), "ok");
    c.ann->seen = c.ann->count;
    client_send(c.bob, "{'type':'typing','room':'lobby'}");
    world_settle(w);
    assert_false(client_has_more(c.ann));
    assert_string_equal(reply(c.bob, "'type':'create','room':'mine'"),
                        "ok"); /* muted in one room only */
    enter(c.bob, "mine");
    assert_string_equal(reply(c.bob, "'type':'say','room':'mine','text':'hi'"), "ok");
    world_pass(w, 31000);
    assert_string_equal(reply(c.bob, "'type':'say','room':'lobby','text':'hi'"), "ok");
    go(&c);
}

/* A reason is speech. An act without one is not, and an act that the log has is answered again. */
static void a_muted_moderator_acts_without_a_reason(void **state)
{
    static const char *const acts[] = {
        "'type':'kick','room':'lobby','nick':'bob'",
        "'type':'ban','room':'lobby','nick':'bob','seconds':1",
        "'type':'mute','room':'lobby','nick':'bob','seconds':1",
    };
    struct cast c = assemble(*state);
    const char *before = "'type':'mute','room':'lobby','nick':'bob','seconds':1,'reason':'spam'";
    client_send(c.mia, "{'id':'before',%s}", before);
    world_settle(*state);
    client_next_of(c.mia, "ok");
    assert_string_equal(reply(c.ann, "'type':'mute','room':'lobby','nick':'mia','seconds':0"),
                        "ok");
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        char talk[200];
        snprintf(talk, sizeof talk, "%s,'reason':'hear me'", acts[i]);
        assert_string_equal(reply(c.mia, talk), "muted");
        snprintf(talk, sizeof talk, "%s,'reason':''", acts[i]);
        assert_string_equal(reply(c.mia, talk), "ok");
    }
    client_send(c.mia, "{'id':'before',%s}", before);
    world_settle(*state);
    client_next_of(c.mia, "ok");
    assert_string_equal(reply(c.ann, "'type':'ban','nick':'bob','seconds':1,'reason':'spam'"),
                        "ok"); /* not muted */
    go(&c);
}

static void a_person_muted_everywhere_creates_no_room(void **state)
{
    struct cast c = assemble(*state);
    assert_string_equal(reply(c.ann, "'type':'mute','nick':'bob','seconds':0"), "ok");
    assert_string_equal(reply(c.bob, "'type':'say','room':'lobby','text':'hi'"), "muted");
    assert_null(json_object_get(c.bob->frames[c.bob->seen - 1], "retry_after"));
    assert_string_equal(reply(c.bob, "'type':'create','room':'mine'"), "muted");
    assert_string_equal(reply(c.mia, "'type':'unmute','nick':'bob'"), "forbidden");
    assert_string_equal(reply(c.mia, "'type':'unmute','room':'lobby','nick':'bob'"),
                        "not_found"); /* bob is muted everywhere, not in the lobby */
    assert_string_equal(reply(c.ann, "'type':'unmute','nick':'bob'"), "ok");
    assert_string_equal(reply(c.bob, "'type':'say','room':'lobby','text':'hi'"), "ok");
    go(&c);
}

static void an_ended_ban_makes_place_for_another(void **state)
{
    struct world *w = *state;
    struct cast c = assemble(w);
    w->config.limits.standings = 3;
    assert_string_equal(reply(c.ann, BAN_HERE("bob", "10")), "ok");
    struct client *cat = client_joined(w, "cat");
    assert_string_equal(reply(c.ann, BAN_HERE("cat", "10")), "full");
    world_pass(w, 11000);
    assert_string_equal(reply(c.ann, BAN_HERE("cat", "10")), "ok");
    client_destroy(&cat);
    go(&c);
}

/* --- commands under way --------------------------------------------------------------------- */

static void a_banned_moderator_moderates_nothing(void **state)
{
    struct cast c = assemble(*state);
    assert_string_equal(reply(c.ann, BAN_HERE("mia", "0")), "ok");
    assert_string_equal(reply(c.mia, PURGE_HERE("bob")), "banned");
    assert_string_equal(reply(c.mia, BAN_HERE("bob", "0")), "banned");
    assert_string_equal(reply(c.mia, UNBAN_HERE("mia")), "banned");
    go(&c);
}

/* Sends a command without an answer yet; see journal_only() and late_reply(). */
static void send_late(struct client *c, const char *text)
{
    c->seen = c->count;
    client_send(c, "{'id':'late',%s}", text);
}

static void journal_only(struct world *w)
{
    while (world_answer_journal(w))
        ;
}

static const char *late_reply(struct client *c)
{
    world_settle(c->world);
    for (;;) {
        json_t *frame = client_next(c);
        if (strcmp(text_of(frame, "id"), "late") == 0)
            return strcmp(text_of(frame, "type"), "error") == 0 ? text_of(frame, "code")
                                                                : text_of(frame, "type");
    }
}

static void a_command_sent_before_a_ban_is_not_answered_after_it(void **state)
{
    struct cast c = assemble(*state);
    char edit[100];
    snprintf(edit, sizeof edit, "'type':'edit','room':'lobby','text':'x','of':%lld",
             (long long)say(c.bob, "before"));
    send_late(c.bob, edit);
    client_send(c.op, "{'id':'b'," BAN_HERE("bob", "0") "}");
    journal_only(c.w);
    assert_string_equal(late_reply(c.bob), "not_member");
    assert_string_equal(reply(c.op, UNBAN_HERE("bob")), "ok");
    enter(c.bob, "lobby");
    send_late(c.bob, "'type':'history','room':'lobby'");
    client_send(c.op, "{'id':'b2'," BAN_HERE("bob", "0") "}");
    journal_only(c.w);
    assert_string_equal(late_reply(c.bob), "not_member");
    go(&c);
}

static void an_admin_demoted_meanwhile_gives_no_role(void **state)
{
    struct world *w = *state;
    struct cast c = assemble(w);
    client_destroy(&c.bob);
    world_pass(w, 10000); /* the archive has to look bob up */
    send_late(c.ann, ROLE("bob", "admin"));
    client_send(c.op, "{'id':'d'," ROLE("ann", "moderator") "}");
    journal_only(w);
    assert_string_equal(late_reply(c.ann), "forbidden");
    client_destroy(&c.op);
    client_destroy(&c.ann);
    client_destroy(&c.mia);
}

static void an_act_sent_again_happens_once_whatever_came_between(void **state)
{
    struct cast c = assemble(*state);
    for (int i = 0; i < 2; i++) {
        send_late(c.mia, BAN_HERE("bob", "0"));
        assert_string_equal(late_reply(c.mia), "ok");
        assert_string_equal(reply(c.op, ROLE_HERE("bob", "moderator")), "ok");
    }
    for (int i = 0; i < 2; i++) { /* the second time bob is no longer banned */
        send_late(c.ann, UNBAN_HERE("bob"));
        assert_string_equal(late_reply(c.ann), "ok");
    }
    assert_string_equal(reply(c.ann, UNBAN_HERE("bob")), "not_found");
    assert_string_equal(reply(c.op, ROLE("ann", "member")), "ok");
    send_late(c.ann, ROLE("ann", "admin")); /* a new command */
    assert_string_equal(late_reply(c.ann), "forbidden");
    go(&c);
}

/* The copy in the room's log fails: the act holds, can be lifted, and the command can be sent
 * again. */
static void an_act_whose_copy_fails_still_takes_effect(void **state)
{
    struct world *w = *state;
    struct cast c = assemble(w);
    assert_string_equal(reply(c.mia, "'type':'mute','room':'lobby','nick':'bob','seconds':0"),
                        "ok");
    send_late(c.mia, "'type':'unmute','room':'lobby','nick':'bob'");
    w->journal_broken = true; /* the server's log has the act already */
    assert_string_equal(late_reply(c.mia), "unavailable");
    w->journal_broken = false;
    assert_string_equal(reply(c.bob, "'type':'say','room':'lobby','text':'hi'"), "ok");
    send_late(c.mia, "'type':'unmute','room':'lobby','nick':'bob'"); /* the same, sent again */
    assert_string_equal(late_reply(c.mia), "ok");
    client_next_of(c.ann, "unmute");
    go(&c);
}

/* No client can use the key of a copy for another event. */
static void no_client_id_can_match_the_key_of_a_copy(void **state)
{
    struct cast c = assemble(*state);
    send_late(c.mia, "'type':'say','room':'lobby','text':'hi'");
    assert_string_equal(late_reply(c.mia), "ok");
    c.mia->seen = c.mia->count;
    client_send(c.mia, "{'id':'told:x','type':'say','room':'lobby','text':'hi'}");
    world_settle(c.w);
    assert_string_equal(text_of(client_next(c.mia), "field"), "id");
    go(&c);
}

static void a_kick_ends_the_membership_of_an_absent_person(void **state)
{
    struct world *w = *state;
    struct cast c = assemble(w);
    struct client *cat = client_create(w);
    char token[64];
    client_send(cat, "{'type':'hello','id':'h','nick':'cat'}");
    world_settle(w);
    snprintf(token, sizeof token, "%s", text_of(client_next_of(cat, "welcome"), "token"));
    enter(cat, "lobby");
    client_destroy(&cat);
    world_pass(w, 10000);
    assert_string_equal(reply(c.mia, KICK("cat")), "ok");
    cat = client_create(w);
    client_send(cat, "{'type':'hello','id':'h','nick':'cat','token':'%s'}", token);
    world_settle(w);
    json_t *rooms = json_object_get(client_next_of(cat, "welcome"), "rooms");
    assert_false(is_true(json_array_get(rooms, 0), "joined"));
    client_destroy(&cat);
    go(&c);
}

static void a_ban_from_the_server_respects_a_role_in_a_room(void **state)
{
    struct cast c = assemble(*state);
    assert_string_equal(reply(c.ann, ROLE("bob", "moderator")), "ok");
    assert_string_equal(reply(c.bob, BAN_HERE("mia", "0")), "forbidden");
    assert_string_equal(reply(c.bob, BAN("mia", "0")), "forbidden");
    assert_string_equal(reply(c.ann, BAN("mia", "0")), "ok");
    go(&c);
}

static void events_missed_before_a_ban_arrive_after_it(void **state)
{
    struct world *w = *state;
    struct cast c = assemble(w);
    enter(c.bob, "lobby");
    json_t *before = client_next_of(c.bob, "joined");
    json_int_t last = number_of(before, "last");
    c.bob->takes = 0;
    say(c.ann, "between");
    assert_string_equal(reply(c.mia, BAN_HERE("bob", "1")), "ok");
    c.bob->takes = (size_t)-1;
    session_writable(c.bob->session);
    world_pass(w, 2000);
    for (json_t *frame; client_has_more(c.bob);)
        if (json_object_get(frame = client_next(c.bob), "seq") != NULL)
            last = number_of(frame, "seq");
    client_send(c.bob, "{'id':'j','type':'join','room':'lobby','log':'log-1','after':%lld}",
                (long long)last);
    world_settle(w);
    assert_true(is_true(client_next_of(c.bob, "joined"), "recovered"));
    assert_string_equal(text_of(client_next_of(c.bob, "message"), "text"), "between");
    assert_true(number_of(client_next_of(c.bob, "ban"), "seq") >
                0); /* from the log, no longer in force */
    go(&c);
}

/* --- many nodes ----------------------------------------------------------------------------- */

static void a_ban_holds_on_every_node(void **state)
{
    (void)state;
    struct hub *h = hub_create();
    struct client *op = client_operator(h->worlds[0]), *ann = hub_enter(h, 0, "ann", NULL),
                  *bob = hub_enter(h, 1, "bob", NULL), *cat = hub_enter(h, 2, "cat", NULL);
    hub_pass(h, 1000);
    client_send(op, "{'id':'1'," ROLE("ann", "moderator") "}");
    hub_settle(h);
    client_send(ann, "{'id':'2'," BAN_HERE("bob", "0") "}");
    hub_settle(h);
    assert_string_equal(text_of(client_next_of(bob, "ban"), "by"), "ann");
    assert_string_equal(text_of(client_next_of(cat, "ban"), "nick"), "bob");
    hub_send(h, bob, "{'id':'3','type':'join','room':'lobby'}");
    assert_string_equal(client_error(bob), "banned");
    hub_pass(h, 1000);
    assert_string_equal(hub_here(h, cat), "ann cat");
    client_send(ann, "{'id':'4'," BAN("cat", "0") "}");
    hub_settle(h);
    assert_int_equal(cat->close_code, CLOSE_BANNED);
    client_destroy(&op);
    client_destroy(&ann);
    client_destroy(&bob);
    client_destroy(&cat);
    hub_destroy(&h);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_begin, world_finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(members_and_newcomers_see_a_new_role),
        CASE(a_server_role_is_announced_in_the_persons_rooms),
        CASE(the_higher_role_counts),
        CASE(only_admins_give_roles_and_never_to_an_equal),
        CASE(an_invalid_role_command_is_refused),
        CASE(an_act_sent_again_happens_once),
        CASE(an_act_can_name_an_absent_person),
        CASE(the_operator_cannot_use_commands_of_members),
        CASE(the_number_of_standings_is_limited),
        CASE(moderators_post_where_members_may_not),
        CASE(moderators_delete_messages_of_lower_roles),
        CASE(moderators_close_polls),
        CASE(a_ban_from_a_room_ends_the_membership),
        CASE(a_ban_can_be_lifted),
        CASE(a_ban_from_the_server_closes_all_sessions_at_once),
        CASE(nobody_bans_an_equal),
        CASE(a_ban_ends_the_membership_of_a_stuck_client),
        CASE(a_join_under_way_does_not_slip_past_a_ban),
        CASE(a_kicked_person_may_join_again),
        CASE(a_muted_person_reads_and_votes_but_says_nothing),
        CASE(a_muted_moderator_acts_without_a_reason),
        CASE(a_person_muted_everywhere_creates_no_room),
        CASE(an_ended_ban_makes_place_for_another),
        CASE(a_banned_moderator_moderates_nothing),
        CASE(a_command_sent_before_a_ban_is_not_answered_after_it),
        CASE(an_admin_demoted_meanwhile_gives_no_role),
        CASE(an_act_sent_again_happens_once_whatever_came_between),
        CASE(an_act_whose_copy_fails_still_takes_effect),
        CASE(no_client_id_can_match_the_key_of_a_copy),
        CASE(a_kick_ends_the_membership_of_an_absent_person),
        CASE(a_ban_from_the_server_respects_a_role_in_a_room),
        CASE(events_missed_before_a_ban_arrive_after_it),
        cmocka_unit_test(a_ban_holds_on_every_node),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

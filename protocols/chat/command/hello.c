/* hello.c - the command by which a connection takes a nick: hello.
 *
 * The client that has a nick's token holds the nick. While the holder is connected here, memory
 * knows them. Otherwise only the archive does: what other nodes report proves nothing. A nick that
 * is free there is claimed through the server's log, which puts two claims in order. */
#include "private.h"
#include "request.h"
#include "rooms.h"

#include "chat/base/object.h"
#include "chat/model/ask.h"
#include "chat/model/charge.h"
#include "chat/model/identity.h"
#include "chat/model/marker.h"
#include "chat/model/presence.h"
#include "chat/model/reply.h"
#include "chat/model/session.h"
#include "chat/model/standings.h"
#include "chat/model/wheel.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* --- welcome -------------------------------------------------------------------------------- */

static void write_limits(struct bytes *b, const struct chat_limits *of)
{
    object_begin(b, "limits");
    object_add_number(b, "nick_chars", NICK_CHARS_MAX);
    for (const struct limit *l = limit_table; l->name != NULL; l++)
        if (l->in_welcome)
            object_add_number(b, l->name, limit_value(of, l));
    object_end(b);
}

static void welcome(struct session *s, const char *id, const char *token,
                    const struct bytes *unread)
{
    const struct chat_config *config = s->chat->config;
    size_t mark = reply_begin(s, "welcome", id);
    struct bytes *b = &s->out;
    object_add_text(b, "nick", s->identity->nick);
    object_add_text(b, "token", token);
    object_add_text(b, "role", role_name(standings_role(s->chat, s->identity->id, NULL)));
    object_add_number(b, "pause", s->identity->pause_ms);
    object_begin(b, "server");
    object_add_text(b, "name", config->name);
    object_add_text(b, "version", config->version);
    object_add_number(b, "now", (uint64_t)s->chat->wall_ms);
    write_limits(b, &config->limits);
    object_end(b);
    rooms_write_welcome(b, s->identity, unread);
    reply_end(s, mark);
}

/* Consumes one reference of the identity. `unread`: see rooms_ask_unread(). */
static void enter_take(struct session *s, struct identity *i, const char *id, const char *token,
                       const struct bytes *unread)
{
    s->identity = i;
    list_add(&i->sessions, &s->in_identity);
    s->state = SESSION_NAMED;
    wheel_add(s); /* a named session has another deadline */
    identity_keep(i);
    welcome(s, id, token, unread);
    if (s->chat->unwritable) {
        size_t mark = reply_begin(s, "writable", NULL);
        object_add_bool(&s->out, "on", false);
        reply_end(s, mark);
    }
}

struct hello {
    struct request q; /* first */
    struct claim claim;
    char token[TOKEN_TEXT_MAX + 1];
    bool judged;          /* the log has refused the claim once */
    bool waits;           /* an answer ends the request */
    struct identity *who; /* enters when its mentions are counted; holds a reference */
};
_Static_assert(offsetof(struct hello, q) == 0, "a request is a hello");

/* Ends the request, unless it waits for another answer. */
static void go_on(struct hello *h, enum err err)
{
    if (err == OK && h->waits)
        return;
    identity_unref(&h->who);
    request_done_take(&h->q, err);
}

static enum err check_ban(const struct chat *chat, uint64_t identity, uint64_t *wait_ms_out)
{
    *wait_ms_out = standings_left_ms(chat, identity, NULL, ERR_BANNED);
    return standings_banned(chat, identity, NULL) ? ERR_BANNED : OK;
}

static void enter(struct session *s, struct hello *h, const struct bytes *unread)
{
    struct identity *i = h->who;
    h->who = NULL;
    enter_take(s, i, request_id(&h->q), h->token, unread);
}

static void on_counted(struct ask *ask)
{
    struct hello *h = ask->arg;
    struct session *s = request_session(&h->q);
    enum err err = ask->err;
    h->waits = false;
    if (err == OK && s != NULL && s->state == SESSION_NEW)
        err = check_ban(h->q.chat, h->who->id, &h->q.wait_ms);
    if (err == OK && s != NULL && s->state == SESSION_NEW)
        enter(s, h, &ask->rows);
    go_on(h, err);
}

/* The welcome says how many mentions are unread: only the archive knows. Consumes one reference. */
static enum err count_take(struct session *s, struct hello *h, struct identity *i,
                           const char *token)
{
    static const struct bytes none;
    h->who = i;
    snprintf(h->token, sizeof h->token, "%s", token);
    struct ask *ask = rooms_ask_unread(i, on_counted, h);
    if (ask != NULL && ask->rows.size == 0) {
        ask_destroy(&ask);
        enter(s, h, &none);
        return OK;
    }
    enum err err = request_question_take(&h->q, ask);
    h->waits = err == OK;
    return err;
}

/* --- claims --------------------------------------------------------------------------------- */

static void on_known(struct ask *ask);

static enum err ask_holder(struct hello *h)
{
    struct ask_identity *ask = ask_create(sizeof *ask, ASK_IDENTITY, NULL, on_known, h);
    if (ask != NULL)
        strcpy(ask->skeleton, h->claim.nick.skeleton);
    enum err err = request_question_take(&h->q, (struct ask *)ask);
    h->waits = err == OK;
    return err;
}

/* The log refused a claim that the archive saw no reason against: perhaps the same person's claim
 * on another node was under way. By now the archive has it, so ask once more. */
static bool look_again(struct hello *h)
{
    if (h->judged || field_string(h->q.args, "token") == NULL)
        return false;
    h->judged = true;
    return ask_holder(h) == OK;
}

static enum err enter_new(struct session *s, struct hello *h)
{
    static const struct bytes none;
    struct identity *heard = identity_find(s->chat, h->claim.nick.skeleton);
    if (heard != NULL && !heard->loaded)
        presences_disown(heard);
    struct identity *i = identity_create(s->chat, &h->claim);
    if (i == NULL)
        return ERR_UNAVAILABLE;
    i->loaded = true; /* a new identity has no markers */
    h->who = i;
    enter(s, h, &none);
    return OK;
}

static void on_claimed(void *arg, enum err err, uint64_t seq, int64_t at_ms)
{
    struct hello *h = arg;
    struct session *s = request_session(&h->q);
    (void)seq, (void)at_ms;
    if (err == ERR_NICK_TAKEN && look_again(h))
        return;
    h->waits = false;
    if (err == OK && s != NULL && s->state == SESSION_NEW)
        err = enter_new(s, h);
    go_on(h, err);
}

/* A client that brings its own token (`claim`) can say hello with that token again if the welcome
 * did not reach it. */
static enum err claim_nick(struct session *s, struct hello *h)
{
    const struct chat_limits *limits = &s->chat->config->limits;
    const char *given = field_string(h->q.args, "claim");
    uint64_t token_us = limits->nicks_per_minute == 0 ? 0 : 60000000 / limits->nicks_per_minute;
    if (!s->source->unlimited && !rate_take(&s->source->nicks, token_us, limits->nicks_burst, 1,
                                            s->chat->now_ms, &h->q.wait_ms))
        return ERR_RATE;
    if (given != NULL)
        strcpy(h->token, given);
    else
        token_create(h->token);
    token_hash(h->token, h->claim.token_hash);
    h->claim.seen_ms = s->chat->wall_ms;
    h->claim.id = identity_number();
    enum err err = identity_claim(s->chat, &h->claim, on_claimed, h);
    h->waits = err == OK;
    return err;
}

/* --- hello ---------------------------------------------------------------------------------- */

static enum err enter_live(struct session *s, struct hello *h, struct identity *i)
{
    const char *token = field_string(h->q.args, "token");
    if (token == NULL || !token_matches(token, i->token_hash))
        return ERR_NICK_TAKEN;
    enum err err = check_ban(s->chat, i->id, &h->q.wait_ms);
    if (err == OK)
        err = charge_hello(i, &h->q.wait_ms);
    return err == OK ? count_take(s, h, identity_ref(i), token) : err;
}

/* What the archive has. `heard`: the nick's holder as other nodes report it, or NULL; it stays only
 * if it is the same person, and gets its token from the archive. */
static struct identity *load(struct session *s, struct hello *h, const struct ask_identity *who,
                             struct identity *heard)
{
    if (heard != NULL && heard->id == who->id && strcmp(heard->nick, who->ask.text.at) == 0) {
        heard->seen_ms = who->seen_ms;
        memcpy(heard->token_hash, who->token_hash, TOKEN_HASH_BYTES);
        return identity_ref(heard);
    }
    if (heard != NULL)
        presences_disown(heard);
    h->claim.id = who->id;
    h->claim.seen_ms = who->seen_ms;
    memcpy(h->claim.token_hash, who->token_hash, TOKEN_HASH_BYTES);
    snprintf(h->claim.nick.text, sizeof h->claim.nick.text, "%s", who->ask.text.at);
    return identity_create(s->chat, &h->claim);
}

static enum err enter_known(struct session *s, struct hello *h, const struct ask_identity *who,
                            struct identity *heard)
{
    if (check_ban(s->chat, who->id, &h->q.wait_ms) != OK)
        return ERR_BANNED;
    struct identity *i = load(s, h, who, heard);
    if (i == NULL)
        return ERR_UNAVAILABLE;
    enum err err = charge_hello(i, &h->q.wait_ms);
    if (err != OK) {
        identity_unref(&i);
        return err;
    }
    markers_load(i, &who->ask.rows);
    i->pause_ms = who->pause_ms;
    return count_take(s, h, i, field_string(h->q.args, "token"));
}

static bool is_held(const struct chat *chat, const struct ask_identity *who)
{
    return who->seen_ms >= identity_free_before_ms(chat) || standings_any(chat, who->id);
}

static bool is_theirs(const struct ask_identity *who, const char *token)
{
    return who->found && token != NULL && token_matches(token, who->token_hash);
}

/* Where other nodes report another holder than the archive has, the archive may be behind the log:
 * then its claim must not be an old one. */
static bool is_holder(const struct chat *chat, const struct ask_identity *who,
                      const struct identity *heard)
{
    return heard == NULL || heard->id == who->id || is_held(chat, who);
}

static enum err enter_or_claim(struct session *s, struct hello *h, const struct ask_identity *who)
{
    const char *token = field_string(h->q.args, "token");
    struct identity *live = identity_find(s->chat, h->claim.nick.skeleton);
    if (live != NULL && live->loaded) /* another session took the nick meanwhile */
        return enter_live(s, h, live);
    if (is_theirs(who, token) && is_holder(s->chat, who, live))
        return enter_known(s, h, who, live);
    if (h->judged || (who->found && is_held(s->chat, who)))
        return ERR_NICK_TAKEN;
    return claim_nick(s, h);
}

static void on_known(struct ask *ask)
{
    struct hello *h = ask->arg;
    struct session *s = request_session(&h->q);
    enum err err = ask->err;
    h->waits = false;
    if (err == OK && s != NULL && s->state == SESSION_NEW)
        err = enter_or_claim(s, h, (struct ask_identity *)ask);
    go_on(h, err);
}

static bool is_reserved(const struct chat *chat, const struct nick *nick)
{
    struct nick reserved;
    for (const char *const *name = chat->config->reserved_nicks; *name != NULL; name++)
        if (nick_parse(chat->nicks, *name, &reserved) == OK && nick_is_like(&reserved, nick))
            return true;
    return false;
}

static enum err cmd_hello(struct session *s, const struct call *c)
{
    const char *claim_token = field_string(c->args, "claim");
    struct nick nick;
    if (claim_token != NULL && !token_ok(claim_token)) {
        *c->bad = "claim";
        return ERR_BAD_FIELD;
    }
    enum err err = nick_parse(s->chat->nicks, field_string(c->args, "nick"), &nick);
    if (err != OK)
        return err;
    if (is_reserved(s->chat, &nick))
        return ERR_NICK_TAKEN;
    struct hello *h = request_later(sizeof *h, s, c);
    if (h == NULL)
        return ERR_UNAVAILABLE;
    h->claim.nick = nick;
    struct identity *live = identity_find(s->chat, nick.skeleton);
    go_on(h, live != NULL && live->loaded ? enter_live(s, h, live) : ask_holder(h));
    return OK;
}

/* --- the commands --------------------------------------------------------------------------- */

/* clang-format off */
static const struct field hello_fields[] = {
    ARG_NICK, { "token", FIELD_STRING, false, 0, TOKEN_TEXT_MAX },
    { "claim", FIELD_STRING, false, TOKEN_TEXT_BYTES, TOKEN_TEXT_MAX }, {0} };

const struct command hello_commands[] = {
    /* type          need          least           cost  in order  needs id  handler         fields */
    { "hello",       NEED_NOTHING, ROLE_MEMBER,    1,    true,     false,    cmd_hello,      hello_fields },
    {0},
};
/* clang-format on */

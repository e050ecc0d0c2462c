/* cmd_hello.c - a connection says who it is.
 *
 * A nick is held by whoever has its token. Whether somebody holds it is known here while she is
 * connected, otherwise by the archive; of who is only on another node the archive knows more than
 * that node told. A free nick is claimed through the server's log, where two claims at once have an
 * order. */
#include "command.h"
#include "chat/base/object.h"
#include "chat/model/identity.h"
#include "chat/cluster/peers.h"
#include "chat/model/room.h"
#include "chat/model/session.h"
#include "chat/model/standings.h"

#include <sodium.h>
#include <string.h>

/* --- welcome -------------------------------------------------------------------------------- */

static void write_limits(struct bytes *b, const struct chat_limits *of)
{
    object_begin(b, "limits");
    object_add_number(b, "nick_chars", NICK_CHARS_MAX);
    for (const struct limit *l = limit_table; l->name != NULL; l++)
        if (l->is_told)
            object_add_number(b, l->name, limit_value(of, l));
    object_end(b);
}

static void write_room(struct bytes *b, const struct room *r, const struct identity *i)
{
    struct marker m = identity_marker(i, r);
    bytes_add_text(b, "{\"room\":");
    bytes_add_json(b, r->name);
    session_add_text(b, "title", r->title);
    session_add_text(b, "topic", r->topic);
    session_add_number(b, "last", r->last);
    session_add_number(b, "read", m.read);
    session_add_bool(b, "joined", m.joined && !is_banned(r->chat, i->id, r));
    bytes_add(b, "}", 1);
}

static void welcome(struct session *s, const char *id, const char *token)
{
    const struct chat_config *config = s->chat->config;
    size_t mark = reply_begin(s, "welcome", id);
    struct bytes *b = &s->out;
    session_add_text(b, "nick", s->identity->nick);
    session_add_text(b, "token", token);
    session_add_text(b, "role", role_name(role_in(s->chat, s->identity->id, NULL)));
    bytes_add_text(b, ",\"server\":{\"name\":");
    bytes_add_json(b, config->name);
    session_add_text(b, "version", config->version);
    write_limits(b, &config->limits);
    bytes_add_text(b, "},\"rooms\":[");
    list_each(l, next, &s->chat->rooms)
    {
        if (l != s->chat->rooms.next)
            bytes_add(b, ",", 1);
        write_room(b, list_entry(l, struct room, in_chat), s->identity);
    }
    bytes_add(b, "]", 1);
    reply_end(s, mark);
}

/* Consumes one reference of the identity. */
static void enter_take(struct session *s, struct identity *i, const char *id, const char *token)
{
    s->identity = i;
    list_add(&i->sessions, &s->in_identity);
    s->state = SESSION_NAMED;
    wheel_add(s); /* another deadline holds now */
    identity_keep(i);
    welcome(s, id, token);
    if (s->chat->unwritable) {
        size_t mark = reply_begin(s, "writable", NULL);
        session_add_bool(&s->out, "on", false);
        reply_end(s, mark);
    }
}

/* --- claims --------------------------------------------------------------------------------- */

/* What a hello needs until it is answered. */
struct hello {
    struct claim claim;
    char token[TOKEN_TEXT_MAX + 1];
    bool judged; /* the log has refused the claim once */
};

static void on_known(struct ask *ask);

static enum err ask_holder(struct request *q)
{
    const struct hello *h = q->more;
    struct ask_identity *ask = ask_create(sizeof *ask, ASK_IDENTITY, NULL, on_known, q);
    if (ask != NULL)
        strcpy(ask->skeleton, h->claim.nick.skeleton);
    return ask_take(q->chat->config, (struct ask *)ask);
}

/* The log knows better than the archive did: a claim of the same person on another node was on its
 * way. The log has judged, so the archive has that claim by now. */
static bool look_again(struct request *q)
{
    struct hello *h = q->more;
    if (h->judged || field_string(q->args, "token") == NULL)
        return false;
    h->judged = true;
    return ask_holder(q) == OK;
}

static void on_claimed(void *arg, enum err err, uint64_t seq, int64_t at_ms)
{
    struct request *q = arg;
    const struct hello *h = q->more;
    struct session *s = request_session(q);
    (void)seq, (void)at_ms;

    if (err == ERR_NICK_TAKEN && look_again(q))
        return;
    if (err == OK && s != NULL && s->state == SESSION_NEW) {
        struct identity *heard = identity_find(q->chat, h->claim.nick.skeleton);
        if (heard != NULL && !heard->loaded)
            peers_disown(heard);
        struct identity *i = identity_create(q->chat, &h->claim);
        if (i == NULL) {
            err = ERR_UNAVAILABLE;
        } else {
            i->loaded = true; /* a new identity has no markers */
            enter_take(s, i, request_id(q), h->token);
        }
    }
    command_done_take(q, err);
}

/* A client that brings the token that it wants can say hello again, with that token, when the
 * welcome did not reach it. */
static enum err claim_nick(struct session *s, struct request *q)
{
    struct hello *h = q->more;
    const struct chat_limits *limits = &q->chat->config->limits;
    const char *given = field_string(q->args, "claim");
    uint64_t token_us = limits->nicks_per_minute == 0 ? 0 : 60000000 / limits->nicks_per_minute;
    if (!s->source->unlimited &&
        !rate_take(&s->source->nicks, token_us, limits->nicks_burst, 1, q->chat->now_ms, NULL))
        return ERR_RATE;
    if (given != NULL)
        strcpy(h->token, given);
    else
        token_create(h->token);
    token_hash(h->token, h->claim.token_hash);
    h->claim.seen_ms = q->chat->wall_ms;
    randombytes_buf(&h->claim.id, sizeof h->claim.id);
    h->claim.id = h->claim.id >> 2 | 1; /* fits SQLite's and JSON's signed integers; never 0 */
    return identity_claim(q->chat, &h->claim, on_claimed, q);
}

/* --- hello ---------------------------------------------------------------------------------- */

static enum err check_ban(const struct chat *chat, uint64_t identity, uint64_t *wait_ms_out)
{
    *wait_ms_out = standing_left_ms(chat, identity, NULL, ERR_BANNED);
    return is_banned(chat, identity, NULL) ? ERR_BANNED : OK;
}

static enum err enter_live(struct session *s, struct identity *i, const char *id, const char *token,
                           uint64_t *wait_ms_out)
{
    if (token == NULL || !token_matches(token, i->token_hash))
        return ERR_NICK_TAKEN;
    if (check_ban(s->chat, i->id, wait_ms_out) != OK)
        return ERR_BANNED;
    enter_take(s, identity_ref(i), id, token);
    return OK;
}

static enum err enter_known(struct session *s, struct request *q, const struct ask_identity *who)
{
    struct claim *claim = &((struct hello *)q->more)->claim;
    if (check_ban(q->chat, who->id, &q->wait_ms) != OK)
        return ERR_BANNED;
    claim->id = who->id;
    claim->seen_ms = who->seen_ms;
    memcpy(claim->token_hash, who->token_hash, TOKEN_HASH_BYTES);
    snprintf(claim->nick.text, sizeof claim->nick.text, "%s", who->ask.text.at);
    struct identity *i = identity_create(q->chat, claim);
    if (i == NULL)
        return ERR_UNAVAILABLE;
    identity_load_markers(i, &who->ask.rows);
    enter_take(s, i, request_id(q), field_string(q->args, "token"));
    return OK;
}

static bool is_held(const struct chat *chat, const struct ask_identity *who)
{
    return who->seen_ms >= identity_free_before_ms(chat) || has_standing(chat, who->id);
}

static bool is_theirs(const struct ask_identity *who, const char *token)
{
    return who->found && token != NULL && token_matches(token, who->token_hash);
}

/* Whether the archive has another holder of the nick than other nodes say, and the token is that
 * holder's. An old claim may have been followed by one that the archive lacks. */
static bool is_holder(const struct chat *chat, const char *token, const struct ask_identity *who,
                      const struct identity *heard)
{
    return is_theirs(who, token) && who->id != heard->id && is_held(chat, who);
}

/* Other nodes say that this identity is here: the archive knows the rest. */
static enum err enter_heard(struct session *s, struct request *q, struct identity *heard,
                            const struct ask_identity *who)
{
    static const struct bytes none;
    const char *token = field_string(q->args, "token");
    if (token == NULL || !token_matches(token, heard->token_hash))
        return ERR_NICK_TAKEN;
    bool is_known = who->found && who->id == heard->id;
    if (is_known)
        heard->seen_ms = who->seen_ms;
    identity_load_markers(heard, is_known ? &who->ask.rows : &none);
    return enter_live(s, heard, request_id(q), token, &q->wait_ms);
}

static enum err enter(struct session *s, struct request *q, const struct ask_identity *who,
                      bool *claims_out)
{
    const struct hello *h = q->more;
    const char *token = field_string(q->args, "token");
    struct identity *live = identity_find(q->chat, h->claim.nick.skeleton);
    if (live != NULL && !live->loaded && is_holder(q->chat, token, who, live)) {
        peers_disown(live);
        live = NULL;
    }
    if (live != NULL && !live->loaded)
        return enter_heard(s, q, live, who);
    if (live != NULL) /* they came in while the archive was asked */
        return enter_live(s, live, request_id(q), token, &q->wait_ms);
    if (is_theirs(who, token))
        return enter_known(s, q, who);
    if (h->judged || (who->found && is_held(q->chat, who)))
        return ERR_NICK_TAKEN;
    enum err err = claim_nick(s, q);
    *claims_out = err == OK;
    return err;
}

static void on_known(struct ask *ask)
{
    struct request *q = ask->arg;
    struct session *s = request_session(q);
    enum err err = ask->err;
    bool claims = false; /* on_claimed() goes on with the request */
    if (err == OK && s != NULL && s->state == SESSION_NEW)
        err = enter(s, q, (struct ask_identity *)ask, &claims);
    if (!claims)
        command_done_take(q, err);
}

static bool is_reserved(const struct chat *chat, const struct nick *nick)
{
    struct nick reserved;
    for (const char *const *name = chat->config->reserved_nicks; *name != NULL; name++)
        if (nick_parse(chat->nicks, *name, &reserved) == OK &&
            strcmp(reserved.skeleton, nick->skeleton) == 0)
            return true;
    return false;
}

enum err cmd_hello(struct session *s, const struct call *c)
{
    const char *claim_token = field_string(c->args, "claim");
    struct nick nick;
    if (claim_token != NULL && !token_ok(claim_token))
        return ERR_BAD_FIELD;
    enum err err = nick_parse(s->chat->nicks, field_string(c->args, "nick"), &nick);
    if (err != OK)
        return err;
    if (is_reserved(s->chat, &nick))
        return ERR_NICK_TAKEN;
    struct identity *live = identity_find(s->chat, nick.skeleton);
    if (live != NULL && live->loaded)
        return enter_live(s, live, c->id, field_string(c->args, "token"), c->wait_ms);

    struct request *q = command_later(s, c);
    if (q == NULL)
        return ERR_UNAVAILABLE;
    struct hello *h = request_more(q, sizeof *h);
    err = ERR_UNAVAILABLE;
    if (h != NULL) {
        h->claim.nick = nick;
        err = ask_holder(q);
    }
    if (err != OK)
        command_done_take(q, err);
    return OK;
}

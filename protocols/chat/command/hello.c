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

/* What a claim needs until it is answered. */
struct claim {
    struct nick nick;
    char token[TOKEN_TEXT_MAX + 1];
    unsigned char hash[TOKEN_HASH_BYTES];
    struct archive_identity who;
    bool judged; /* the log has refused it once */
};

static archive_identity_done on_known;

/* The log knows better than the archive did: her claim on another node was on its way. Now that the
 * log has judged, the archive has it, too. */
static bool look_again(struct request *q)
{
    const struct chat_config *config = q->chat->config;
    struct claim *claim = q->more;
    if (claim->judged || field_string(q->args, "token") == NULL)
        return false;
    claim->judged = true;
    return config->archive_ops->identity(config->archive, claim->nick.skeleton, on_known, q) == OK;
}

static void on_claimed(void *arg, enum err err, uint64_t seq, int64_t at_ms)
{
    struct request *q = arg;
    struct claim *claim = q->more;
    struct session *s = request_session(q);
    (void)seq, (void)at_ms;

    if (err == ERR_NICK_TAKEN && look_again(q))
        return;
    if (err == OK && s != NULL && s->state == SESSION_NEW) {
        struct identity *heard = identity_find(q->chat, claim->nick.skeleton);
        if (heard != NULL && !heard->loaded)
            peers_disown(heard);
        struct identity *i = identity_create(q->chat, &claim->who, claim->nick.skeleton);
        if (i == NULL) {
            err = ERR_UNAVAILABLE;
        } else {
            i->loaded = true; /* nothing is known of her yet */
            enter_take(s, i, request_id(q), claim->token);
        }
    }
    command_done_take(q, err);
}

/* A client that brings the token that it wants can say hello again, with that token, when it has
 * not heard the welcome. */
static enum err claim_nick(struct session *s, struct request *q)
{
    struct claim *claim = q->more;
    const struct chat_limits *limits = &q->chat->config->limits;
    const char *given = field_string(q->args, "claim");
    uint64_t token_us = limits->nicks_per_minute == 0 ? 0 : 60000000 / limits->nicks_per_minute;
    if (!s->source->unlimited &&
        !rate_take(&s->source->nicks, token_us, limits->nicks_burst, 1, q->chat->now_ms, NULL))
        return ERR_RATE;
    if (given != NULL)
        strcpy(claim->token, given);
    else
        token_create(claim->token);
    token_hash(claim->token, claim->hash);
    claim->who = (struct archive_identity){
        .nick = claim->nick.text, .token_hash = claim->hash, .seen_ms = q->chat->wall_ms};
    randombytes_buf(&claim->who.id, sizeof claim->who.id);
    claim->who.id = claim->who.id >> 2 | 1; /* fits SQLite's and JSON's signed integers; never 0 */
    return identity_claim(q->chat, &claim->who, claim->nick.skeleton, on_claimed, q);
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

static enum err enter_known(struct session *s, struct request *q,
                            const struct archive_identity *who,
                            const struct archive_marker *markers, size_t n)
{
    const struct claim *claim = q->more;
    if (check_ban(q->chat, who->id, &q->wait_ms) != OK)
        return ERR_BANNED;
    struct identity *i = identity_create(q->chat, who, claim->nick.skeleton);
    if (i == NULL)
        return ERR_UNAVAILABLE;
    identity_load_markers(i, markers, n);
    enter_take(s, i, request_id(q), field_string(q->args, "token"));
    return OK;
}

static bool is_held(const struct chat *chat, const struct archive_identity *who)
{
    return who->seen_ms >= identity_free_before_ms(chat) || has_standing(chat, who->id);
}

/* Whether the archive has another holder of the nick than nodes say, and this is she. Of an old
 * claim it may not know yet that it was followed by another one. */
static bool is_holder(const struct chat *chat, const char *token,
                      const struct archive_identity *who, const struct identity *heard)
{
    return who != NULL && who->id != heard->id && token != NULL &&
           token_matches(token, who->token_hash) && is_held(chat, who);
}

/* She is here by what other nodes say: the archive knows the rest. */
static enum err enter_heard(struct session *s, struct request *q, struct identity *heard,
                            const struct archive_identity *who,
                            const struct archive_marker *markers, size_t n)
{
    const char *token = field_string(q->args, "token");
    if (token == NULL || !token_matches(token, heard->token_hash))
        return ERR_NICK_TAKEN;
    bool is_known = who != NULL && who->id == heard->id;
    if (is_known)
        heard->seen_ms = who->seen_ms;
    identity_load_markers(heard, markers, is_known ? n : 0);
    return enter_live(s, heard, request_id(q), token, &q->wait_ms);
}

static void on_known(void *arg, enum err err, const struct archive_identity *who,
                     const struct archive_marker *markers, size_t n)
{
    struct request *q = arg;
    const struct claim *claim = q->more;
    struct session *s = request_session(q);
    if (err != OK || s == NULL || s->state != SESSION_NEW) {
        command_done_take(q, err);
        return;
    }

    const char *token = field_string(q->args, "token");
    struct identity *live = identity_find(q->chat, claim->nick.skeleton);
    if (live != NULL && !live->loaded && is_holder(q->chat, token, who, live)) {
        peers_disown(live);
        live = NULL;
    }
    if (live != NULL && !live->loaded)
        err = enter_heard(s, q, live, who, markers, n);
    else if (live != NULL) /* she came while the archive was asked */
        err = enter_live(s, live, request_id(q), token, &q->wait_ms);
    else if (who != NULL && token != NULL && token_matches(token, who->token_hash))
        err = enter_known(s, q, who, markers, n);
    else if (claim->judged || (who != NULL && is_held(q->chat, who)))
        err = ERR_NICK_TAKEN;
    else if ((err = claim_nick(s, q)) == OK)
        return;
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
    const struct chat_config *config = s->chat->config;
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
    struct claim *claim = request_more(q, sizeof *claim);
    err = ERR_UNAVAILABLE;
    if (claim != NULL) {
        claim->nick = nick;
        err = config->archive_ops->identity(config->archive, nick.skeleton, on_known, q);
    }
    if (err != OK)
        command_done_take(q, err);
    return OK;
}

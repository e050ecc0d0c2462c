/* cmd_moderation.c - who keeps order, and how: role, kick, ban, unban, mute, unmute, purge, and
 * the list of standings.
 *
 * The person who is meant need not be here. Each act is an event of the server's log, which every
 * node has whole and hears at once, and where it is judged once more, in order: nobody acts on
 * somebody of the same or a higher role. What is done in a room is then told in that room's log,
 * behind all that she who is meant could say at this node.
 * What comes of it is in standing.c. */
#include "command.h"
#include "chat/model/identity.h"
#include "chat/model/room.h"
#include "chat/model/session.h"
#include "chat/model/standings.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct decree {
    uint64_t identity; /* of the one who is meant */
    char nick[NICK_BYTES_MAX + 1];
    char by[NICK_BYTES_MAX + 1]; /* "": the operator */
    enum err refused;            /* unless it is a repeated command */
};

/* --- into the logs -------------------------------------------------------------------------- */

/* `room`: where it holds, for the server's log; or NULL. */
static struct bytes body_of(const struct request *q, const struct decree *d, const char *room)
{
    const char *reason = field_string(q->args, "reason");
    struct bytes body = {0};
    bytes_add_text(&body, "{\"nick\":");
    bytes_add_json(&body, d->nick);
    if (room != NULL)
        session_add_text(&body, "room", room);
    if (q->kind == EVENT_ROLE)
        session_add_text(&body, "role", field_string(q->args, "role"));
    if (q->kind == EVENT_BAN || q->kind == EVENT_MUTE)
        session_add_number(&body, "seconds", (uint64_t)field_int(q->args, "seconds", 0));
    if (reason != NULL && reason[0] != '\0')
        session_add_text(&body, "reason", reason);
    if (d->by[0] != '\0')
        session_add_text(&body, "by", d->by);
    session_add_text(&body, "key", q->id);
    return body;
}

/* In the request's log, which answers the command. Consumes the request. */
static enum err say_take(struct request *q, const struct decree *d, const char *key)
{
    struct chat *chat = q->chat;
    struct bytes body = body_of(q, d, NULL);
    struct event e = {.kind = q->kind, .author = q->identity, .of = d->identity, .key = key};
    return submit_take(chat, q, e, &body);
}

/* No client can have used it for something else. */
static void told_key(const char *id, char key[ID_MAX + 1])
{
    unsigned char hash[crypto_generichash_BYTES_MIN];
    char hex[2 * sizeof hash + 1];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)id, strlen(id), NULL, 0);
    snprintf(key, ID_MAX + 1, "told:%s", sodium_bin2hex(hex, sizeof hex, hash, sizeof hash));
}

static void on_decreed(void *arg, enum err err, uint64_t seq, int64_t at_ms)
{
    struct request *q = arg;
    struct decree *d = q->more;
    struct session *s = request_session(q);
    char id[ID_MAX + 1], key[ID_MAX + 1];
    (void)seq, (void)at_ms;
    q->more = NULL;
    if (s != NULL)
        s->pending--;
    strcpy(id, q->id);
    told_key(id, key);
    if (err == OK)
        err = say_take(q, d, key);
    else
        request_destroy(&q);
    free(d);
    if (err != OK && s != NULL && s->state != SESSION_CLOSING)
        reply_error(s, id, err, NULL, 0);
}

/* Also if the session has gone when the first is stored, the second follows. Consumes both. */
static enum err decree_take(struct session *s, struct request *q, struct decree *d)
{
    const struct chat_config *config = s->chat->config;
    struct bytes body = body_of(q, d, q->room);
    bytes_add(&body, "}", 1);
    struct event e = {.room = SERVER_LOG,
                      .kind = q->kind,
                      .author = q->identity,
                      .of = d->identity,
                      .key = q->id,
                      .body = body.at,
                      .body_bytes = body.size};
    q->more = d;
    enum err err = body.failed ? ERR_UNAVAILABLE
                               : config->journal_ops->submit(config->journal, &e, on_decreed, q);
    if (err == OK)
        s->pending++;
    else
        request_destroy(&q);
    bytes_finish(&body);
    return err;
}

/* A request of its own: the command is done with when its event is on its way. */
static enum err act(struct session *s, const struct request *q)
{
    struct request *own = request_create(s, q->id, q->room);
    struct decree *d = own == NULL ? NULL : malloc(sizeof *d);
    if (d == NULL) {
        request_destroy(&own);
        return ERR_UNAVAILABLE;
    }
    *d = *(const struct decree *)q->more;
    own->kind = q->kind;
    own->args = json_incref(q->args);
    if (strcmp(q->room, SERVER_LOG) != 0)
        return decree_take(s, own, d);
    enum err err = say_take(own, d, q->id);
    free(d);
    return err;
}

/* --- may she? ------------------------------------------------------------------------------- */

static enum err check(struct session *s, const struct request *q)
{
    const struct decree *d = q->more;
    const struct room *r = room_find(q->chat, q->room); /* NULL: everywhere */
    enum err err = command_check(s, q);
    if (err == OK && role_in(q->chat, q->identity, r) <= rank_in(q->chat, d->identity, r))
        err = ERR_FORBIDDEN;
    if (err == OK && q->kind == EVENT_UNBAN && !is_banned(q->chat, d->identity, r))
        err = ERR_NOT_FOUND;
    if (err == OK && q->kind == EVENT_UNMUTE && !is_muted(q->chat, d->identity, r))
        err = ERR_NOT_FOUND;
    bool adds = q->kind == EVENT_ROLE || q->kind == EVENT_BAN || q->kind == EVENT_MUTE;
    if (err == OK && adds && q->identity != OPERATOR_ID)
        err = standing_place(q->chat, d->identity, r);
    return err;
}

/* What was refused may be a command that was carried out and is sent again: its log answers. */
static void on_known(struct ask *ask)
{
    struct request *q = ask->arg;
    const struct decree *d = q->more;
    struct session *s = request_session(q);
    enum err err = ask->err == OK ? d->refused : ask->err;
    if (((struct ask_key *)ask)->known && s != NULL && s->state != SESSION_CLOSING)
        err = act(s, q);
    command_done_take(q, err);
}

static enum err ask_if_known(struct request *q)
{
    struct ask_key *ask = ask_create(sizeof *ask, ASK_KEY, SERVER_LOG, on_known, q);
    if (ask != NULL) {
        ask->author = q->identity;
        strcpy(ask->key, q->id);
    }
    return ask_take(q->chat->config, (struct ask *)ask);
}

static void judge_take(struct session *s, struct request *q)
{
    struct decree *d = q->more;
    strcpy(d->by, s->identity->nick); /* the operator's is empty */
    d->refused = check(s, q);
    enum err err = OK;
    if (d->refused != OK)
        err = ask_if_known(q);
    else
        err = act(s, q);
    if (d->refused == OK || err != OK)
        command_done_take(q, err);
}

/* --- whom? ---------------------------------------------------------------------------------- */

static void on_whom(struct ask *ask)
{
    const struct ask_identity *who = (struct ask_identity *)ask;
    struct request *q = ask->arg;
    struct decree *d = q->more;
    struct session *s = request_session(q);
    enum err err = ask->err == OK && !who->found ? ERR_NOT_FOUND : ask->err;
    if (err != OK || s == NULL || s->state == SESSION_CLOSING) {
        command_done_take(q, err);
        return;
    }
    d->identity = who->id;
    snprintf(d->nick, sizeof d->nick, "%s", ask->text.at);
    judge_take(s, q);
}

static void find_whom_take(struct session *s, struct request *q, const struct nick *nick)
{
    const struct identity *live = identity_find(s->chat, nick->skeleton);
    struct decree *d = request_more(q, sizeof *d);
    if (d == NULL) {
        command_done_take(q, ERR_UNAVAILABLE);
    } else if (live != NULL) {
        d->identity = live->id;
        snprintf(d->nick, sizeof d->nick, "%s", live->nick);
        judge_take(s, q);
    } else {
        struct ask_identity *ask = ask_create(sizeof *ask, ASK_IDENTITY, NULL, on_whom, q);
        if (ask != NULL)
            strcpy(ask->skeleton, nick->skeleton);
        enum err err = ask_take(s->chat->config, (struct ask *)ask);
        if (err != OK)
            command_done_take(q, err);
    }
}

static enum err look_up(struct session *s, const struct call *c, enum event_kind kind)
{
    struct nick nick;
    enum err err = nick_parse(s->chat->nicks, field_string(c->args, "nick"), &nick);
    if (err != OK)
        return err;
    struct request *q = command_later(s, c);
    if (q == NULL)
        return ERR_UNAVAILABLE;
    q->kind = kind;
    find_whom_take(s, q, &nick);
    return OK;
}

enum err cmd_role(struct session *s, const struct call *c)
{
    if (c->room != NULL && role_of(field_string(c->args, "role")) == ROLE_ADMIN) {
        *c->bad = "role"; /* a room has moderators */
        return ERR_BAD_FIELD;
    }
    return look_up(s, c, EVENT_ROLE);
}

enum err cmd_kick(struct session *s, const struct call *c) { return look_up(s, c, EVENT_KICK); }

enum err cmd_ban(struct session *s, const struct call *c) { return look_up(s, c, EVENT_BAN); }

enum err cmd_unban(struct session *s, const struct call *c) { return look_up(s, c, EVENT_UNBAN); }

enum err cmd_mute(struct session *s, const struct call *c) { return look_up(s, c, EVENT_MUTE); }

enum err cmd_unmute(struct session *s, const struct call *c) { return look_up(s, c, EVENT_UNMUTE); }

enum err cmd_purge(struct session *s, const struct call *c) { return look_up(s, c, EVENT_PURGE); }

/* --- who is what? --------------------------------------------------------------------------- */

#define STANDINGS_MAX 1000

static void on_standings(struct ask *ask)
{
    struct request *q = ask->arg;
    enum err err = ask->err;
    struct session *s = request_session(q);
    if (err == OK && s != NULL && s->state != SESSION_CLOSING)
        err = command_check(s, q);
    if (err == OK && s != NULL && s->state != SESSION_CLOSING) {
        size_t mark = reply_begin(s, "standings", request_id(q));
        if (strcmp(q->room, SERVER_LOG) != 0)
            session_add_text(&s->out, "room", q->room);
        bytes_add_text(&s->out, ",\"standings\":");
        bytes_add(&s->out, ask->text.at, ask->text.size);
        session_add_bool(&s->out, "more", ((struct ask_standings *)ask)->more);
        reply_end(s, mark);
    }
    command_done_take(q, err);
}

enum err cmd_standings(struct session *s, const struct call *c)
{
    struct request *q = command_later(s, c);
    if (q == NULL)
        return ERR_UNAVAILABLE;
    struct ask_standings *ask = ask_create(sizeof *ask, ASK_STANDINGS, q->room, on_standings, q);
    if (ask != NULL) {
        ask->now_ms = s->chat->wall_ms;
        ask->limit = STANDINGS_MAX;
    }
    enum err err = ask_take(s->chat->config, (struct ask *)ask);
    if (err != OK)
        command_done_take(q, err);
    return OK;
}

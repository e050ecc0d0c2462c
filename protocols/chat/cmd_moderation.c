/* cmd_moderation.c - who keeps order, and how: role, kick, ban, unban, mute, unmute, purge.
 *
 * Each is an event about a person, who need not be here: in a room's log, or in the server's where
 * it is for everywhere. What comes of it is in standing.c, on every node alike. Nobody acts on
 * somebody of the same or a higher role. */
#include "command.h"
#include "identity.h"
#include "room.h"
#include "session.h"
#include "standing.h"

#include <string.h>

/* Without `by` the operator did it. */
static struct bytes body_of(const struct session *s, const struct request *q, const char *nick)
{
    const char *reason = field_string(q->args, "reason");
    struct bytes body = {0};
    bytes_add_text(&body, "{\"nick\":");
    bytes_add_json(&body, nick);
    if (q->kind == EVENT_ROLE)
        session_add_text(&body, "role", field_string(q->args, "role"));
    if (q->kind == EVENT_BAN || q->kind == EVENT_MUTE)
        session_add_number(&body, "seconds", (uint64_t)field_int(q->args, "seconds", 0));
    if (reason != NULL && reason[0] != '\0')
        session_add_text(&body, "reason", reason);
    if (s->identity->id != OPERATOR_ID)
        session_add_text(&body, "by", s->identity->nick);
    session_add_text(&body, "key", q->id);
    return body;
}

/* To give somebody the role that she has is a repeated command, or changes nothing: an admin that
 * somebody has made is her equal then. */
static enum err check_rank(const struct request *q, uint64_t identity, const struct room *r)
{
    enum role theirs = role_in(q->chat, identity, r);
    const char *asked = field_string(q->args, "role");
    if (q->kind == EVENT_ROLE && role_of(asked) == theirs)
        return OK;
    return role_in(q->chat, q->identity, r) > theirs ? OK : ERR_FORBIDDEN;
}

static enum err act(struct session *s, struct request *q, uint64_t identity, const char *nick)
{
    const struct room *r = room_find(s->chat, q->room); /* NULL: everywhere */
    enum err err = check_rank(q, identity, r);
    if (err == OK && (q->kind == EVENT_ROLE || q->kind == EVENT_BAN || q->kind == EVENT_MUTE))
        err = standing_place(s->chat, identity, r);
    if (err != OK)
        return err;
    struct bytes body = body_of(s, q, nick);
    struct event e = {.kind = q->kind, .author = q->identity, .of = identity, .key = q->id};
    return submit_take(s, request_create(s, q->id, q->room), e, &body);
}

static void on_whom(void *arg, enum err err, const struct archive_identity *who,
                    const struct archive_marker *markers, size_t n)
{
    struct request *q = arg;
    struct session *s = request_session(q);
    (void)markers, (void)n;
    if (err == OK && who == NULL)
        err = ERR_NOT_FOUND;
    if (err == OK && s != NULL && s->state != SESSION_CLOSING)
        err = act(s, q, who->id, who->nick);
    command_done_take(q, err);
}

static enum err look_up(struct session *s, const struct call *c, enum event_kind kind)
{
    const struct chat_config *config = s->chat->config;
    struct nick nick;
    enum err err = nick_parse(s->chat->nicks, field_string(c->args, "nick"), &nick);
    if (err != OK)
        return err;
    struct request *q = command_later(s, c);
    if (q == NULL)
        return ERR_UNAVAILABLE;
    q->kind = kind;
    const struct identity *live = identity_find(s->chat, nick.skeleton);
    if (live != NULL) {
        command_done_take(q, act(s, q, live->id, live->nick));
        return OK;
    }
    err = config->archive_ops->identity(config->archive, nick.skeleton, on_whom, q);
    if (err != OK)
        command_done_take(q, err);
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

enum err cmd_ban(struct session *s, const struct call *c) { return look_up(s, c, EVENT_BAN); }

enum err cmd_unban(struct session *s, const struct call *c) { return look_up(s, c, EVENT_UNBAN); }

enum err cmd_mute(struct session *s, const struct call *c) { return look_up(s, c, EVENT_MUTE); }

enum err cmd_unmute(struct session *s, const struct call *c) { return look_up(s, c, EVENT_UNMUTE); }

enum err cmd_kick(struct session *s, const struct call *c) { return look_up(s, c, EVENT_KICK); }

enum err cmd_purge(struct session *s, const struct call *c) { return look_up(s, c, EVENT_PURGE); }

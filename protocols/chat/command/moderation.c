/* moderation.c - the commands about a person: role, kick, ban, unban, mute, unmute, purge.
 *
 * The person need not be connected. Each act is an event of the server's log, which every node
 * follows and has whole. Stores judge the act again, in the log's order: nobody acts on a person of
 * the same or a higher role. A copy of an act in a room follows in that room's log, after
 * everything that the person could say at this node. sanction.c carries the act out. */
#include "decide.h"
#include "gate.h"
#include "private.h"
#include "request.h"
#include "submit.h"

#include "chat/base/object.h"
#include "chat/model/ask.h"
#include "chat/model/identity.h"
#include "chat/model/room.h"
#include "chat/model/standings.h"

#include <stdio.h>
#include <string.h>

struct act {
    struct request q; /* first */
    uint64_t target;  /* the identity that it is about */
    char nick[NICK_BYTES_MAX + 1];
    char by[NICK_BYTES_MAX + 1]; /* "": the operator */
    enum err refused;            /* check()'s verdict; void if the log already has the act */
};
_Static_assert(offsetof(struct act, q) == 0, "a request is an act");

/* --- into the logs -------------------------------------------------------------------------- */

/* `room`: where the act holds, in the server's log; NULL in a room's log, or for everywhere. */
static struct bytes body_of(const struct act *a, const char *room)
{
    struct bytes body = {0};
    object_begin(&body, NULL);
    object_add_text(&body, "nick", a->nick);
    object_add_text(&body, "room", room);
    object_add_text(&body, "role", field_string(a->q.args, "role"));
    if (json_object_get(a->q.args, "seconds") != NULL)
        object_add_number(&body, "seconds", (uint64_t)field_int(a->q.args, "seconds", 0));
    object_add_text(&body, "reason", reason_of(a->q.args));
    object_add_text(&body, "by", a->by[0] == '\0' ? NULL : a->by);
    object_add_text(&body, "key", a->q.id);
    return body;
}

/* In a request of its own, since the command is done when its event is submitted. */
static enum err carry_out(struct session *s, const struct act *a)
{
    struct event e = {.kind = a->q.kind, .author = a->q.identity, .of = a->target, .key = a->q.id};
    struct bytes body = body_of(a, NULL);
    if (strcmp(a->q.room, SERVER_LOG) == 0)
        return submit_take(request_create(sizeof a->q, s, a->q.id, a->q.room), e, &body);
    struct bytes decided = body_of(a, a->q.room);
    return decide(s, a->q.id, a->q.room, e, &decided, &body);
}

/* --- checks --------------------------------------------------------------------------------- */

static enum err check(struct session *s, const struct act *a)
{
    const struct request *q = &a->q;
    const struct room *r = room_find(q->chat, q->room); /* NULL: everywhere */
    enum err err = gate_recheck(s, q);
    if (err == OK &&
        standings_role(q->chat, q->identity, r) <= standings_rank(q->chat, a->target, r))
        err = ERR_FORBIDDEN;
    if (err == OK)
        err = reason_check(s, q->args, r);
    if (err == OK && q->kind == EVENT_UNBAN && !standings_banned(q->chat, a->target, r))
        err = ERR_NOT_FOUND;
    if (err == OK && q->kind == EVENT_UNMUTE && !standings_muted(q->chat, a->target, r))
        err = ERR_NOT_FOUND;
    bool adds = q->kind == EVENT_ROLE || q->kind == EVENT_BAN || q->kind == EVENT_MUTE;
    if (err == OK && adds && q->identity != OPERATOR_ID)
        err = standings_check_place(q->chat, a->target, r);
    return err;
}

/* A refused act may be one that the log has, sent again: then the log answers it. */
static void on_known(struct ask *ask)
{
    struct act *a = ask->arg;
    struct session *s = request_speaker(&a->q);
    enum err err = ask->err == OK ? a->refused : ask->err;
    if (((struct ask_key *)ask)->known && s != NULL)
        err = carry_out(s, a);
    request_done_take(&a->q, err);
}

static enum err ask_if_known(struct act *a)
{
    struct ask_key *ask = ask_create(sizeof *ask, ASK_KEY, SERVER_LOG, on_known, a);
    if (ask != NULL) {
        ask->author = a->q.identity;
        strcpy(ask->key, a->q.id);
    }
    return request_question_take(&a->q, (struct ask *)ask);
}

static void judge_take(struct session *s, struct act *a)
{
    strcpy(a->by, s->identity->nick); /* the operator's is empty */
    a->refused = check(s, a);
    enum err err = a->refused == OK ? carry_out(s, a) : ask_if_known(a);
    if (a->refused == OK || err != OK)
        request_done_take(&a->q, err);
}

/* --- the target ----------------------------------------------------------------------------- */

static void on_target(struct ask *ask)
{
    const struct ask_identity *who = (struct ask_identity *)ask;
    struct act *a = ask->arg;
    struct session *s = request_speaker(&a->q);
    enum err err = ask->err == OK && !who->found ? ERR_NOT_FOUND : ask->err;
    if (err != OK || s == NULL) {
        request_done_take(&a->q, err);
        return;
    }
    a->target = who->id;
    snprintf(a->nick, sizeof a->nick, "%s", ask->text.at);
    judge_take(s, a);
}

static void find_target_take(struct session *s, struct act *a, const struct nick *nick)
{
    const struct identity *live = identity_find(s->chat, nick->skeleton);
    if (live != NULL && live->loaded) { /* not one that only other nodes report */
        a->target = live->id;
        snprintf(a->nick, sizeof a->nick, "%s", live->nick);
        judge_take(s, a);
        return;
    }
    struct ask_identity *ask = ask_create(sizeof *ask, ASK_IDENTITY, NULL, on_target, a);
    if (ask != NULL)
        strcpy(ask->skeleton, nick->skeleton);
    request_ask_take(&a->q, (struct ask *)ask);
}

static enum err act(struct session *s, const struct call *c, enum event_kind kind)
{
    struct nick nick;
    enum err err = nick_parse(s->chat->nicks, field_string(c->args, "nick"), &nick);
    if (err != OK)
        return err;
    struct act *a = request_later(sizeof *a, s, c);
    if (a == NULL)
        return ERR_UNAVAILABLE;
    a->q.kind = kind;
    find_target_take(s, a, &nick);
    return OK;
}

static enum err cmd_role(struct session *s, const struct call *c)
{
    if (c->room != NULL && role_of(field_string(c->args, "role")) == ROLE_ADMIN) {
        *c->bad = "role"; /* rooms have moderators, but no admins */
        return ERR_BAD_FIELD;
    }
    return act(s, c, EVENT_ROLE);
}

static enum err cmd_kick(struct session *s, const struct call *c) { return act(s, c, EVENT_KICK); }

static enum err cmd_ban(struct session *s, const struct call *c) { return act(s, c, EVENT_BAN); }

static enum err cmd_unban(struct session *s, const struct call *c)
{
    return act(s, c, EVENT_UNBAN);
}

static enum err cmd_mute(struct session *s, const struct call *c) { return act(s, c, EVENT_MUTE); }

static enum err cmd_unmute(struct session *s, const struct call *c)
{
    return act(s, c, EVENT_UNMUTE);
}

static enum err cmd_purge(struct session *s, const struct call *c)
{
    return act(s, c, EVENT_PURGE);
}

/* --- the commands --------------------------------------------------------------------------- */

/* clang-format off */
static const struct field role_fields[] = { ARG_PLACE, ARG_NICK, { "role", FIELD_ROLE, true, 0, 0 }, {0} };
static const struct field kick_fields[] = { ARG_ROOM, ARG_NICK, ARG_REASON, {0} };
static const struct field ban_fields[] = {
    ARG_PLACE, ARG_NICK, { "seconds", FIELD_INT, true, 0, BAN_SECONDS_MAX }, ARG_REASON, {0} };
static const struct field unban_fields[] = { ARG_PLACE, ARG_NICK, {0} };
static const struct field purge_fields[] = { ARG_ROOM, ARG_NICK, {0} };

const struct command moderation_commands[] = {
    /* type          need          least           cost  in order  needs id  handler         fields */
    { "role",        NEED_PLACE,   ROLE_ADMIN,     2,    true,     true,     cmd_role,       role_fields },
    { "kick",        NEED_ROOM,    ROLE_MODERATOR, 2,    true,     true,     cmd_kick,       kick_fields },
    { "ban",         NEED_PLACE,   ROLE_MODERATOR, 2,    true,     true,     cmd_ban,        ban_fields },
    { "unban",       NEED_PLACE,   ROLE_MODERATOR, 2,    true,     true,     cmd_unban,      unban_fields },
    { "mute",        NEED_PLACE,   ROLE_MODERATOR, 2,    true,     true,     cmd_mute,       ban_fields },
    { "unmute",      NEED_PLACE,   ROLE_MODERATOR, 2,    true,     true,     cmd_unmute,     unban_fields },
    { "purge",       NEED_ROOM,    ROLE_MODERATOR, 2,    true,     true,     cmd_purge,      purge_fields },
    {0},
};
/* clang-format on */

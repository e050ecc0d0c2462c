/* command.c - from a whole message to its handler: JSON, id, type, rate, order, state, membership,
 * fields, each checked once and here. See command.h. */
#include "command.h"

#include "chat/model/room.h"
#include "chat/model/session.h"
#include "chat/model/standings.h"

#include <stdlib.h>
#include <string.h>

/* NEED_PLACE: a room, or none for everywhere. */
enum need { NEED_NOTHING, NEED_NAME, NEED_PLACE, NEED_ROOM, NEED_MEMBER };

struct command {
    const char *type;
    enum need need;
    enum role who; /* the least role in the room, or everywhere, that may */
    unsigned cost; /* of limits.commands_burst */
    bool in_order; /* waits until all that the session said before is in the log */
    bool needs_id;
    command_handler *run;
    const struct field *fields;
};

#define SEQ_MAX (((int64_t)1 << 53) - 1)
#define ROOM_FIELD                                                                                 \
    {                                                                                              \
        "room", FIELD_ROOM, true, 0, 0                                                             \
    }
#define OF_FIELD                                                                                   \
    {                                                                                              \
        "of", FIELD_INT, true, 1, SEQ_MAX                                                          \
    }
#define POLL_FIELD                                                                                 \
    {                                                                                              \
        "poll", FIELD_INT, true, 1, SEQ_MAX                                                        \
    }
#define TEXT_FIELD                                                                                 \
    {                                                                                              \
        "text", FIELD_TEXT, true, 0, 0                                                             \
    }

#define PLACE_FIELD                                                                                \
    {                                                                                              \
        "room", FIELD_ROOM, false, 0, 0                                                            \
    }
#define NICK_FIELD                                                                                 \
    {                                                                                              \
        "nick", FIELD_STRING, true, 1, 1024                                                        \
    }
#define BAN_SECONDS_MAX ((int64_t)100 * 366 * 24 * 3600)

/* clang-format off */
static const struct field hello_fields[] = {
    { "nick", FIELD_STRING, true, 1, 1024 }, { "token", FIELD_STRING, false, 0, 128 },
    { "claim", FIELD_STRING, false, 32, 128 }, {0} };
static const struct field join_fields[] = {
    ROOM_FIELD, { "after", FIELD_INT, false, 0, SEQ_MAX }, { "log", FIELD_STRING, false, 0, 64 },
    { "limit", FIELD_INT, false, 0, 200 }, {0} };
static const struct field room_fields[] = { ROOM_FIELD, {0} };
static const struct field create_fields[] = {
    ROOM_FIELD, { "title", FIELD_LINE, false, 1, 80 }, { "topic", FIELD_LINE, false, 0, 400 }, {0} };
static const struct field say_fields[] = {
    ROOM_FIELD, TEXT_FIELD, { "reply_to", FIELD_INT, false, 1, SEQ_MAX }, {0} };
static const struct field edit_fields[] = { ROOM_FIELD, OF_FIELD, TEXT_FIELD, {0} };
static const struct field delete_fields[] = {
    ROOM_FIELD, OF_FIELD, { "reason", FIELD_LINE, false, 0, 400 }, {0} };
static const struct field history_fields[] = {
    ROOM_FIELD, { "before", FIELD_INT, false, 1, SEQ_MAX }, { "limit", FIELD_INT, false, 1, 200 }, {0} };
static const struct field read_fields[] = { ROOM_FIELD, { "seq", FIELD_INT, true, 0, SEQ_MAX }, {0} };
static const struct field poll_fields[] = {
    ROOM_FIELD, { "question", FIELD_LINE, true, 1, 300 }, { "options", FIELD_LINES, true, 1, 200 },
    { "max", FIELD_INT, true, 1, LIST_MAX }, { "secret", FIELD_BOOL, true, 0, 0 },
    { "results", FIELD_RESULTS, true, 0, 0 }, { "closes_at", FIELD_INT, false, 1, SEQ_MAX }, {0} };
static const struct field vote_fields[] = {
    ROOM_FIELD, POLL_FIELD, { "choices", FIELD_INDEXES, true, 0, LIST_MAX - 1 }, {0} };
static const struct field close_poll_fields[] = { ROOM_FIELD, POLL_FIELD, {0} };
static const struct field ballots_fields[] = {
    ROOM_FIELD, POLL_FIELD, { "after", FIELD_INT, false, 0, SEQ_MAX },
    { "limit", FIELD_INT, false, 1, BALLOTS_PAGE }, {0} };
static const struct field place_fields[] = { PLACE_FIELD, {0} };
static const struct field role_fields[] = {
    PLACE_FIELD, NICK_FIELD, { "role", FIELD_ROLE, true, 0, 0 }, {0} };
static const struct field ban_fields[] = {
    PLACE_FIELD, NICK_FIELD, { "seconds", FIELD_INT, true, 0, BAN_SECONDS_MAX },
    { "reason", FIELD_LINE, false, 0, 400 }, {0} };
static const struct field kick_fields[] = {
    ROOM_FIELD, NICK_FIELD, { "reason", FIELD_LINE, false, 0, 400 }, {0} };
static const struct field unban_fields[] = { PLACE_FIELD, NICK_FIELD, {0} };
static const struct field purge_fields[] = { ROOM_FIELD, NICK_FIELD, {0} };
static const struct field away_fields[] = { { "on", FIELD_BOOL, true, 0, 0 }, {0} };

static const struct command commands[] = {
    /* type         need          who             cost  in order  needs id  handler         fields */
    { "say",         NEED_MEMBER,  ROLE_MEMBER,    1,    false,    true,     cmd_say,        say_fields },
    { "typing",      NEED_MEMBER,  ROLE_MEMBER,    1,    false,    false,    cmd_typing,     room_fields },
    { "read",        NEED_MEMBER,  ROLE_MEMBER,    1,    false,    false,    cmd_read,       read_fields },
    { "history",     NEED_MEMBER,  ROLE_MEMBER,    1,    true,     false,    cmd_history,    history_fields },
    { "join",        NEED_ROOM,    ROLE_MEMBER,    1,    true,     false,    cmd_join,       join_fields },
    { "leave",       NEED_MEMBER,  ROLE_MEMBER,    1,    true,     false,    cmd_leave,      room_fields },
    { "edit",        NEED_MEMBER,  ROLE_MEMBER,    1,    true,     true,     cmd_edit,       edit_fields },
    { "delete",      NEED_MEMBER,  ROLE_MEMBER,    1,    true,     true,     cmd_delete,     delete_fields },
    { "poll",        NEED_MEMBER,  ROLE_MEMBER,    5,    false,    true,     cmd_poll,       poll_fields },
    { "vote",        NEED_MEMBER,  ROLE_MEMBER,    1,    true,     true,     cmd_vote,       vote_fields },
    { "close_poll",  NEED_MEMBER,  ROLE_MEMBER,    1,    true,     true,     cmd_close_poll, close_poll_fields },
    { "ballots",     NEED_MEMBER,  ROLE_MEMBER,    2,    true,     false,    cmd_ballots,    ballots_fields },
    { "who",         NEED_MEMBER,  ROLE_MEMBER,    2,    false,    false,    cmd_who,        room_fields },
    { "role",        NEED_PLACE,   ROLE_ADMIN,     2,    true,     true,     cmd_role,       role_fields },
    { "kick",        NEED_ROOM,    ROLE_MODERATOR, 2,    true,     true,     cmd_kick,       kick_fields },
    { "ban",         NEED_PLACE,   ROLE_MODERATOR, 2,    true,     true,     cmd_ban,        ban_fields },
    { "unban",       NEED_PLACE,   ROLE_MODERATOR, 2,    true,     true,     cmd_unban,      unban_fields },
    { "mute",        NEED_PLACE,   ROLE_MODERATOR, 2,    true,     true,     cmd_mute,       ban_fields },
    { "unmute",      NEED_PLACE,   ROLE_MODERATOR, 2,    true,     true,     cmd_unmute,     unban_fields },
    { "purge",       NEED_ROOM,    ROLE_MODERATOR, 2,    true,     true,     cmd_purge,      purge_fields },
    { "standings",   NEED_PLACE,   ROLE_MODERATOR, 2,    true,     false,    cmd_standings,  place_fields },
    { "away",        NEED_NAME,    ROLE_MEMBER,    1,    false,    false,    cmd_away,       away_fields },
    { "create",      NEED_NAME,    ROLE_MEMBER,    5,    true,     true,     cmd_create,     create_fields },
    { "hello",       NEED_NOTHING, ROLE_MEMBER,    1,    true,     false,    cmd_hello,      hello_fields },
};
/* clang-format on */

/* A command that waits for an earlier one of its session. */
struct waiting {
    struct list in_session;
    const struct command *command;
    json_t *args;
    size_t bytes;
};

static const struct command *find(const char *type)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(commands[i].type, type) == 0)
            return &commands[i];
    return NULL;
}

/* --- refusals ------------------------------------------------------------------------------- */

static bool is_noise(enum err e)
{
    return e == ERR_BAD_JSON || e == ERR_BAD_FIELD || e == ERR_UNKNOWN_TYPE || e == ERR_TOO_BIG ||
           e == ERR_HELLO_FIRST || e == ERR_RATE;
}

static void refuse(struct session *s, const char *id, enum err e, const char *field, uint64_t wait)
{
    const struct chat_limits *limits = &s->chat->config->limits;
    /* Ten parts an error; "too fast" is one: who waits as told may now and then hear it again. */
    uint64_t token_us = limits->errors == 0 ? 0 : 6000000 / limits->errors;
    uint64_t cost = e == ERR_RATE ? 1 : 10;
    reply_error(s, id, e, field, wait);
    if (is_noise(e) && !rate_take(&s->errors, token_us, (uint64_t)10 * limits->errors, cost,
                                  s->chat->now_ms, NULL))
        session_close(s, CLOSE_FLOOD, "too many bad commands");
}

/* `room`: where it was refused, or NULL. */
static void refuse_in(struct session *s, const struct room *room, const char *id, enum err e,
                      const char *field, uint64_t wait_ms)
{
    if (wait_ms == 0 && s->identity != NULL)
        wait_ms = standing_left_ms(s->chat, s->identity->id, room, e);
    refuse(s, id, e, field, wait_ms);
}

/* --- the gates ------------------------------------------------------------------------------ */

static enum err check_state(const struct session *s, const struct command *c)
{
    if (c->need != NEED_NOTHING && s->state == SESSION_NEW)
        return ERR_HELLO_FIRST;
    if (c->need == NEED_NOTHING && s->state != SESSION_NEW)
        return ERR_FORBIDDEN; /* hello, a second time */
    return OK;
}

static enum err check_room(struct session *s, struct call *c)
{
    const char *name = field_string(c->args, "room");
    if (c->command->need < NEED_PLACE || (c->command->need == NEED_PLACE && name == NULL))
        return OK;
    c->room = room_find(s->chat, name);
    if (c->room == NULL)
        return ERR_NO_SUCH_ROOM;
    c->member = room_member(c->room, s);
    return c->command->need == NEED_MEMBER && c->member == NULL ? ERR_NOT_MEMBER : OK;
}

/* What members do needs a member: the operator is none. */
static enum err check_role(const struct session *s, const struct call *c)
{
    enum role least = c->command->who;
    if (c->command->need == NEED_NOTHING)
        return OK;
    if (least == ROLE_MEMBER)
        return s->identity->id == OPERATOR_ID ? ERR_FORBIDDEN : OK;
    if (role_in(s->chat, s->identity->id, c->room) < least)
        return ERR_FORBIDDEN;
    return c->room != NULL && is_banned(s->chat, s->identity->id, c->room) ? ERR_BANNED : OK;
}

static enum err check(struct session *s, struct call *c, const char **bad_out)
{
    enum err e = check_state(s, c->command);
    if (e == OK && c->command->needs_id && c->id == NULL) {
        *bad_out = "id";
        e = ERR_BAD_FIELD;
    }
    if (e == OK)
        e = fields_check(c->command->fields, c->args, s->chat->config->limits.text_bytes, bad_out);
    if (e == OK)
        e = check_room(s, c);
    return e == OK ? check_role(s, c) : e;
}

enum err command_check(struct session *s, const struct request *q)
{
    struct call c = {.command = q->command, .args = q->args};
    enum err e = check_room(s, &c);
    return e == OK ? check_role(s, &c) : e;
}

static void run(struct session *s, const struct command *command, json_t *args)
{
    const char *bad = NULL;
    uint64_t wait_ms = 0;
    struct call c = {.command = command,
                     .args = args,
                     .id = field_string(args, "id"),
                     .bad = &bad,
                     .wait_ms = &wait_ms};
    enum err e = check(s, &c, &bad);
    if (e == OK)
        e = command->run(s, &c);
    if (e != OK)
        refuse_in(s, c.room, c.id, e, bad, wait_ms);
}

/* --- order ---------------------------------------------------------------------------------- */

/* While nothing can be stored what was said may wait for long: reading does not wait for it. */
static bool may_run(const struct session *s, const struct command *command)
{
    bool after = command->in_order && s->pending > 0 && !s->chat->unwritable;
    return !s->busy && s->out.size <= OUT_BYTES_PAUSE && !after;
}

static size_t waiting_bytes_max(const struct session *s)
{
    return (size_t)8 * s->chat->config->limits.message_bytes;
}

static void forget_waiting(struct session *s, struct waiting *w)
{
    list_remove(&w->in_session);
    s->waiting_count--;
    s->waiting_bytes -= w->bytes;
    json_decref(w->args);
    free(w);
}

void commands_forget(struct session *s)
{
    list_each(l, next, &s->waiting) forget_waiting(s, list_entry(l, struct waiting, in_session));
}

/* While half of what may wait is waiting, nothing more is read: the sender feels it, and no command
 * is refused. What still comes is what had been read already. */
static void listen_or_not(struct session *s)
{
    const struct chat_limits *limits = &s->chat->config->limits;
    bool many =
        s->waiting_count > limits->waiting / 2 || s->waiting_bytes > waiting_bytes_max(s) / 2;
    if (s->state == SESSION_CLOSING || many == s->deaf || (s->deaf && s->waiting_count > 0))
        return;
    s->deaf = many;
    s->sink->listen(s->peer, !many);
    session_heard(s);
}

void commands_go_on(struct session *s)
{
    while (!list_empty(&s->waiting) && s->state != SESSION_CLOSING) {
        struct waiting *w = list_entry(s->waiting.next, struct waiting, in_session);
        if (!may_run(s, w->command))
            return;
        const struct command *command = w->command;
        json_t *args = json_incref(w->args);
        forget_waiting(s, w);
        run(s, command, args);
        json_decref(args);
    }
    listen_or_not(s);
}

/* What no field of the command is would only take memory while it waits. */
static void drop_unknown(const struct command *command, json_t *args)
{
    const char *name;
    void *next;
    json_t *value;
    json_object_foreach_safe(args, next, name, value)
    {
        const struct field *f = command->fields;
        while (f->name != NULL && strcmp(f->name, name) != 0)
            f++;
        if (f->name == NULL && strcmp(name, "type") != 0 && strcmp(name, "id") != 0)
            json_object_del(args, name);
    }
}

static enum err wait_behind(struct session *s, const struct command *command, json_t *args,
                            size_t n)
{
    const struct chat_limits *limits = &s->chat->config->limits;
    struct waiting *w = NULL;
    if (s->waiting_count < limits->waiting && s->waiting_bytes + n <= waiting_bytes_max(s))
        w = malloc(sizeof *w);
    if (w == NULL)
        return ERR_RATE;
    drop_unknown(command, args);
    *w = (struct waiting){.command = command, .args = json_incref(args), .bytes = n};
    list_add(&s->waiting, &w->in_session);
    s->waiting_count++;
    s->waiting_bytes += n;
    listen_or_not(s);
    return OK;
}

/* --- the way in ----------------------------------------------------------------------------- */

static enum err charge(struct session *s, const struct command *command, uint64_t *wait_ms_out)
{
    const struct chat_limits *limits = &s->chat->config->limits;
    struct rate *rate = s->identity == NULL ? &s->rate : &s->identity->rate;
    bool is_operator = s->identity != NULL && s->identity->id == OPERATOR_ID;
    bool limited = limits->commands_per_second > 0 && limits->commands_burst > 0 && !is_operator;
    uint64_t token_us = limited ? 1000000 / limits->commands_per_second : 0;
    return rate_take(rate, token_us, limits->commands_burst, command->cost, s->chat->now_ms,
                     wait_ms_out)
               ? OK
               : ERR_RATE;
}

static void obey(struct session *s, json_t *args, size_t n)
{
    const char *type = field_string(args, "type"), *id = field_string(args, "id");
    const struct command *command = type == NULL ? NULL : find(type);
    bool id_bad = json_object_get(args, "id") != NULL && (id == NULL || !id_ok(id));
    uint64_t wait_ms = 0;

    if (id_bad || type == NULL) {
        refuse(s, id_bad ? NULL : id, ERR_BAD_FIELD, id_bad ? "id" : "type", 0);
        return;
    }
    if (command == NULL) {
        refuse(s, id, s->state == SESSION_NEW ? ERR_HELLO_FIRST : ERR_UNKNOWN_TYPE, NULL, 0);
        return;
    }
    enum err e = charge(s, command, &wait_ms);
    if (e == OK && list_empty(&s->waiting) && may_run(s, command)) {
        run(s, command, args);
        return;
    }
    if (e == OK)
        e = wait_behind(s, command, args, n);
    if (e != OK)
        refuse(s, id, e, NULL, wait_ms);
}

void session_message(struct session *s, const char *text, size_t n)
{
    if (s->state == SESSION_CLOSING || s->chat->draining)
        return;
    s->chat->stats.commands++;
    json_t *args = json_parse_object(text, n);
    if (args == NULL)
        refuse(s, NULL, ERR_BAD_JSON, NULL, 0);
    else
        obey(s, args, n);
    json_decref(args);
}

/* --- answers from off the loop -------------------------------------------------------------- */

struct request *command_later(struct session *s, const struct call *c)
{
    struct request *q = request_create(s, c->id, c->room == NULL ? NULL : c->room->name);
    if (q == NULL)
        return NULL;
    q->args = json_incref(c->args);
    q->command = c->command;
    s->busy = true;
    return q;
}

void command_done_take(struct request *q, enum err err)
{
    struct session *s = request_session(q);
    if (s != NULL) {
        s->busy = false;
        if (err != OK && s->state != SESSION_CLOSING)
            refuse_in(s, room_find(s->chat, q->room), request_id(q), err, q->bad, q->wait_ms);
        session_make_dirty(s); /* its flush lets the next command run */
    }
    request_destroy(&q);
}

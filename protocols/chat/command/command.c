/* command.c - see command.h. From a whole message to its handler: JSON, id, type, rate, order, then
 * the gates, each checked once and here. */
#include "command.h"

#include "catch_up.h"
#include "gate.h"
#include "private.h"
#include "refusal.h"
#include "request.h"
#include "table.h"

#include "chat/model/backlog.h"
#include "chat/model/charge.h"
#include "chat/model/session.h"

#include <stdlib.h>
#include <string.h>

#define OUT_BYTES_PAUSE                                                                            \
    ((size_t)64 * 1024) /* of replies that the socket has not taken: commands wait, too */

struct text {
    const char *at;
    size_t n;
};

static bool run_later(struct session *s, const struct call *c);

/* `again`: the command has waited for the server's log. */
static void run(struct session *s, const struct command *command, json_t *args, bool again)
{
    const char *bad = NULL;
    uint64_t wait_ms = 0;
    struct call c = {.command = command,
                     .args = args,
                     .id = field_string(args, "id"),
                     .bad = &bad,
                     .wait_ms = &wait_ms};
    enum err e = gate_check(s, &c, &bad);
    if (e == ERR_NO_SUCH_ROOM && !again && run_later(s, &c))
        return;
    if (e == OK)
        e = command->run(s, &c);
    if (e != OK)
        refuse(s, c.room, c.id, e, bad, wait_ms);
}

/* A chat that drains has no answer: the client sends the command again. */
static void on_caught_up(void *arg)
{
    struct request *q = arg;
    struct session *s = request_session(q);
    if (s != NULL) {
        s->busy = false;
        if (s->state != SESSION_CLOSING && !s->chat->draining)
            run(s, q->command, q->args, true);
        sink_make_dirty(s); /* its flush lets the next command run */
    }
    request_destroy(&q);
}

/* The room may be in the part of the server's log that this node has not applied yet. */
static bool run_later(struct session *s, const struct call *c)
{
    struct request *q = request_create(sizeof *q, s, c->id, NULL);
    if (q == NULL)
        return false;
    q->command = c->command;
    q->args = json_incref(c->args);
    s->busy = catch_up(s->chat, on_caught_up, q);
    if (!s->busy)
        request_destroy(&q);
    return s->busy;
}

/* --- order ---------------------------------------------------------------------------------- */

/* While the journal stores nothing, a submit may take long: commands that only read do not wait. A
 * command that still waits when the chat drains has no answer, so its client sends it again. */
static bool may_run(const struct session *s, const struct command *command)
{
    bool after = command->in_order && s->pending > 0 && !s->chat->unwritable;
    return !s->chat->draining && !s->busy && s->out.size <= OUT_BYTES_PAUSE && !after;
}

/* A long backlog pauses reading, which slows the client down instead of refusing its commands. Some
 * that were read before still arrive. Reading goes on when the backlog is empty. */
static void pause_or_read(struct session *s)
{
    bool pause = backlog_is_long(s);
    if (s->state == SESSION_CLOSING || pause == s->read_paused ||
        (s->read_paused && backlog_first(s) != NULL))
        return;
    s->read_paused = pause;
    s->ops->listen(s->peer, !pause);
    session_heard(s);
}

/* Runs a command that has waited. */
static void run_take(struct session *s, struct waiting *w)
{
    json_t *args = json_parse_object(w->text, w->text_bytes);
    if (args != NULL)
        run(s, w->command, args, false);
    else
        sink_close(s, CLOSE_TOO_SLOW, "resume"); /* no memory: the client sends it again */
    json_decref(args);
    free(w);
}

void commands_go_on(struct session *s)
{
    struct waiting *w;
    while (s->state != SESSION_CLOSING && (w = backlog_first(s)) != NULL) {
        if (!may_run(s, w->command))
            return;
        run_take(s, backlog_take(s));
    }
    pause_or_read(s);
}

/* A command that cannot succeed is refused at once, and takes no room. */
static enum err wait_behind(struct session *s, const struct command *command, const json_t *args,
                            struct text text, const char **bad_out)
{
    enum err e = gate_check_form(s, command, args, bad_out);
    if (e != OK)
        return e;
    if (!backlog_add(s, command, text.at, text.n))
        return ERR_RATE;
    pause_or_read(s);
    return OK;
}

/* --- the way in ----------------------------------------------------------------------------- */

void command_ping(struct session *s)
{
    uint64_t wait_ms = 0;
    if (charge_tokens(s, 1, &wait_ms) != OK)
        refuse(s, NULL, NULL, ERR_RATE, NULL, wait_ms);
}

static void obey(struct session *s, json_t *args, struct text text)
{
    const char *type = field_string(args, "type"), *id = field_string(args, "id");
    const struct command *command = type == NULL ? NULL : command_find(type);
    bool id_bad = json_object_get(args, "id") != NULL && (id == NULL || !id_ok(id));
    const char *bad = NULL;
    uint64_t wait_ms = 0;

    if (id_bad || type == NULL) {
        refuse(s, NULL, id_bad ? NULL : id, ERR_BAD_FIELD, id_bad ? "id" : "type", 0);
        return;
    }
    if (command == NULL) {
        refuse(s, NULL, id, s->state == SESSION_NEW ? ERR_HELLO_FIRST : ERR_UNKNOWN_TYPE, NULL, 0);
        return;
    }
    enum err e = charge_tokens(s, command->cost, &wait_ms);
    if (e == OK && backlog_first(s) == NULL && may_run(s, command)) {
        run(s, command, args, false);
        return;
    }
    if (e == OK)
        e = wait_behind(s, command, args, text, &bad);
    if (e != OK)
        refuse(s, NULL, id, e, bad, wait_ms);
}

void command_obey(struct session *s, const char *text, size_t n)
{
    if (s->state == SESSION_CLOSING || s->chat->draining)
        return;
    s->chat->stats.commands++;
    json_t *args = json_parse_object(text, n);
    if (args == NULL)
        refuse(s, NULL, NULL, ERR_BAD_JSON, NULL, 0);
    else
        obey(s, args, (struct text){text, n});
    json_decref(args);
}

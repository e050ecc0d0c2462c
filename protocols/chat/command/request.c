/* request.c - see request.h. */
#include "request.h"

#include "refusal.h"

#include "chat/model/ask.h"
#include "chat/model/charge.h"
#include "chat/model/room.h"
#include "chat/model/session.h"
#include "chat/model/standings.h"

#include <stdlib.h>
#include <string.h>

void *request_create(size_t size, const struct session *s, const char *id, const char *room)
{
    struct request *q = calloc(1, size);
    if (q == NULL)
        return NULL;
    q->chat = s->chat;
    q->session = s->id;
    q->identity = s->identity == NULL ? 0 : s->identity->id;
    if (id != NULL)
        strncpy(q->id, id, sizeof q->id - 1);
    if (room != NULL)
        strncpy(q->room, room, sizeof q->room - 1);
    return q;
}

void request_destroy(struct request **request)
{
    if (*request == NULL)
        return;
    json_decref((*request)->args);
    bytes_finish(&(*request)->found);
    free(*request);
    *request = NULL;
}

struct session *request_session(const struct request *q)
{
    return session_find(q->chat, q->session);
}

struct session *request_speaker(const struct request *q)
{
    struct session *s = request_session(q);
    return s == NULL || s->state == SESSION_CLOSING ? NULL : s;
}

const char *request_id(const struct request *q) { return q->id[0] == '\0' ? NULL : q->id; }

const char *reason_of(const json_t *args)
{
    const char *reason = field_string(args, "reason");
    return reason == NULL || reason[0] == '\0' ? NULL : reason;
}

enum err reason_check(const struct session *s, const json_t *args, const struct room *r)
{
    return reason_of(args) == NULL ? OK : standings_check_speech(s->identity, r);
}

void *request_later(size_t size, struct session *s, const struct call *c)
{
    struct request *q = request_create(size, s, c->id, c->room == NULL ? NULL : c->room->name);
    if (q == NULL)
        return NULL;
    fields_drop_others(c->command->fields, c->args);
    q->args = json_incref(c->args);
    q->command = c->command;
    q->turn = charge_turn(s);
    s->busy = true;
    return q;
}

void request_done_take(struct request *q, enum err err)
{
    struct session *s = request_session(q);
    if (s != NULL) {
        s->busy = false;
        if (err != OK && s->state != SESSION_CLOSING)
            refuse(s, room_find(s->chat, q->room), request_id(q), err, q->bad, q->wait_ms);
        sink_make_dirty(s); /* its flush lets the next command run */
    }
    request_destroy(&q);
}

/* `answered` may end the request. */
static void on_answered(struct ask *ask)
{
    const struct request *q = ask->arg;
    struct session *s = request_session(q);
    if (s != NULL)
        charge_reading(s, ask->took_us);
    q->answered(ask);
}

enum err request_question_take(struct request *q, struct ask *ask)
{
    if (ask != NULL) {
        q->answered = ask->done;
        ask->done = on_answered;
        ask->turn = q->turn;
    }
    return ask_take(q->chat->config, ask);
}

void request_ask_take(struct request *q, struct ask *ask)
{
    enum err err = request_question_take(q, ask);
    if (err != OK)
        request_done_take(q, err);
}

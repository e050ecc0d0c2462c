/* cmd_poll.c - polls: poll, vote, close_poll, ballots. What a vote does is decided by its place in
 * the log, where it is applied (archives); here it is only made. See poll.h. */
#include "command.h"
#include "chat/model/identity.h"
#include "chat/base/voter.h"
#include "chat/model/room.h"
#include "chat/model/session.h"
#include "chat/model/standings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- poll ----------------------------------------------------------------------------------- */

static void add_json(struct bytes *b, const char *name, const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT);
    bytes_add_text(b, ",\"");
    bytes_add_text(b, name);
    bytes_add_text(b, "\":");
    bytes_add_text(b, text == NULL ? "null" : text);
    b->failed |= text == NULL;
    free(text);
}

/* For clients that know nothing of polls. */
static void add_text(struct bytes *body, const json_t *args)
{
    const json_t *options = json_object_get(args, "options");
    int64_t max = field_int(args, "max", 1);
    struct bytes text = {0};
    char number[48];
    bytes_add_text(&text, "Poll: ");
    bytes_add_text(&text, field_string(args, "question"));
    for (size_t i = 0; i < json_array_size(options); i++) {
        snprintf(number, sizeof number, "\n%zu. ", i + 1);
        bytes_add_text(&text, number);
        bytes_add_text(&text, json_string_value(json_array_get(options, i)));
    }
    snprintf(number, sizeof number, "\nChoose up to %lld", (long long)max);
    bytes_add_text(&text, max == 1 ? "\nChoose one" : number);
    bytes_add_text(&text, field_bool(args, "secret") ? ". Secret ballot" : ". Votes have names");
    bytes_add_text(&text, strcmp(field_string(args, "results"), "live") == 0
                              ? "."
                              : ". The result is told at the end.");
    bytes_add(&text, "", 1);
    body->failed |= text.failed;
    session_add_text(body, "text", text.failed ? "" : text.at);
    bytes_finish(&text);
}

enum err cmd_poll(struct session *s, const struct call *c)
{
    int64_t max = field_int(c->args, "max", 1), closes_ms = field_int(c->args, "closes_at", 0);
    const json_t *options = json_object_get(c->args, "options");
    enum err err = check_post(s->identity, c->room);
    if (err != OK)
        return err;
    if ((size_t)max > json_array_size(options)) {
        *c->bad = "max";
        return ERR_BAD_FIELD;
    }
    struct bytes body = submit_body(s, c->id);
    session_add_text(&body, "question", field_string(c->args, "question"));
    add_json(&body, "options", options);
    session_add_number(&body, "max", (uint64_t)max);
    session_add_bool(&body, "secret", field_bool(c->args, "secret"));
    session_add_text(&body, "results", field_string(c->args, "results"));
    if (closes_ms > 0)
        session_add_number(&body, "closes_at", (uint64_t)closes_ms);
    add_text(&body, c->args);
    struct event e = {.kind = EVENT_POLL, .author = s->identity->id, .key = c->id};
    return submit_take(s->chat, request_create(s, c->id, c->room->name), e, &body);
}

/* --- looking a poll up ---------------------------------------------------------------------- */

/* Its handler is called with OK only, while the session lives. */
typedef enum err poll_handler(struct session *s, struct request *q, const struct ask_poll *poll);

struct look_up {
    poll_handler *handle;
    bool key_asked; /* the journal was asked for it, once */
};

static void look(void *request);

static bool lacks_key(const struct request *q, const struct ask_poll *poll)
{
    return !poll->has_key && !poll->closed && q->chat->config->journal_ops->secret != NULL;
}

static void on_poll(struct ask *ask)
{
    const struct ask_poll *poll = (struct ask_poll *)ask;
    struct request *q = ask->arg;
    enum err err = ask->err;
    struct session *s = request_session(q);
    struct look_up *l = q->more;
    const struct chat_config *config = q->chat->config;
    if (err == OK && !l->key_asked && lacks_key(q, poll)) {
        l->key_asked = true;
        config->journal_ops->secret(config->journal, q->room, q->of, look, q);
        return;
    }
    bool here = s != NULL && s->state != SESSION_CLOSING;
    if (err == OK && here)
        err = command_check(s, q);
    if (err == OK && here)
        err = l->handle(s, q, poll);
    command_done_take(q, err);
}

static void look(void *request)
{
    struct request *q = request;
    struct ask_poll *ask = ask_create(sizeof *ask, ASK_POLL, q->room, on_poll, q);
    if (ask != NULL)
        ask->seq = q->of;
    enum err err = ask_take(q->chat->config, (struct ask *)ask);
    if (err != OK)
        command_done_take(q, err);
}

static enum err look_up(struct session *s, const struct call *c, poll_handler *handle)
{
    struct request *q = command_later(s, c);
    struct look_up *l = q == NULL ? NULL : request_more(q, sizeof *l);
    if (q == NULL)
        return ERR_UNAVAILABLE;
    if (l == NULL) {
        command_done_take(q, ERR_UNAVAILABLE);
        return OK;
    }
    l->handle = handle;
    q->of = (uint64_t)field_int(c->args, "poll", 0);
    look(q);
    return OK;
}

/* --- vote ----------------------------------------------------------------------------------- */

static int by_index(const void *a, const void *b)
{
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
    return (x > y) - (x < y);
}

/* In the order of the options: how she has ticked them means nothing. */
static void add_choices(struct bytes *b, const json_t *choices)
{
    unsigned all[LIST_MAX], n = (unsigned)json_array_size(choices);
    for (unsigned i = 0; i < n; i++)
        all[i] = (unsigned)json_integer_value(json_array_get(choices, i));
    qsort(all, n, sizeof *all, by_index);
    bytes_add_text(b, "\"choices\":[");
    for (unsigned i = 0; i < n; i++) {
        if (i > 0)
            bytes_add(b, ",", 1);
        bytes_add_u64(b, all[i]);
    }
    bytes_add(b, "]", 1);
}

static bool fits(const json_t *choices, const struct ask_poll *poll)
{
    size_t n = json_array_size(choices);
    for (size_t i = 0; i < n; i++)
        if (json_integer_value(json_array_get(choices, i)) >= (json_int_t)poll->options)
            return false;
    return n <= poll->max;
}

/* Her other connections here: what she has chosen is in the poll's item, as the log has judged it.
 */
static void tell_own(struct session *s, const struct request *q)
{
    struct bytes frame = {0};
    size_t mark = session_begin(&frame, "voted");
    session_add_text(&frame, "room", q->room);
    session_add_number(&frame, "poll", q->of);
    session_end(&frame, mark);
    identity_signal(s->identity, s, &frame);
    bytes_finish(&frame);
}

static struct request *vote_request(const struct session *s, const struct request *q,
                                    const struct voter *voter, bool withdrawn)
{
    struct request *vote = request_create(s, q->id, q->room);
    char *receipt = vote == NULL || withdrawn ? NULL : request_more(vote, sizeof voter->receipt);
    if (receipt != NULL)
        strcpy(receipt, voter->receipt);
    else if (!withdrawn)
        request_destroy(&vote);
    if (vote != NULL) {
        vote->of = q->of;
        vote->stored = tell_own;
    }
    return vote;
}

/* A repeated vote in an open poll is known as long as the poll is kept: the log judges it. Who
 * could have sent one in a secret poll is not known any more once it is closed. */
static enum err vote(struct session *s, struct request *q, const struct ask_poll *poll)
{
    const json_t *choices = json_object_get(q->args, "choices");
    if (!fits(choices, poll)) {
        q->bad = "choices";
        return ERR_BAD_FIELD;
    }
    if (!poll->has_key)
        return poll->closed ? ERR_CLOSED : ERR_UNAVAILABLE;
    struct voter voter = poll_voter(poll->key, s->identity->id, q->id);
    struct event e = {.kind = !poll->secret && poll->live ? EVENT_VOTE : EVENT_BALLOT,
                      .author = voter.number,
                      .of = q->of,
                      .key = voter.key};
    struct bytes body = {0};
    bytes_add_text(&body, "{");
    add_choices(&body, choices);
    if (json_array_size(choices) > 0)
        session_add_text(&body, "code", voter.receipt);
    if (!poll->secret)
        session_add_text(&body, "from", s->identity->nick);
    return submit_take(s->chat, vote_request(s, q, &voter, json_array_size(choices) == 0), e,
                       &body);
}

enum err cmd_vote(struct session *s, const struct call *c) { return look_up(s, c, vote); }

/* --- close_poll ----------------------------------------------------------------------------- */

static enum err close_poll(struct session *s, struct request *q, const struct ask_poll *poll)
{
    const struct room *r = room_find(s->chat, q->room);
    if (poll->author != q->identity && role_in(s->chat, q->identity, r) < ROLE_MODERATOR)
        return ERR_FORBIDDEN;
    struct bytes body = {0};
    bytes_add_text(&body, "{\"poll\":");
    bytes_add_u64(&body, q->of);
    session_add_text(&body, "by", s->identity->nick);
    struct event e = {
        .kind = EVENT_POLL_CLOSED, .author = s->identity->id, .of = q->of, .key = q->id};
    return submit_take(s->chat, request_create(s, q->id, q->room), e, &body);
}

enum err cmd_close_poll(struct session *s, const struct call *c)
{
    return look_up(s, c, close_poll);
}

/* --- ballots -------------------------------------------------------------------------------- */

static void on_ballots(struct ask *ask)
{
    struct request *q = ask->arg;
    enum err err = ask->err;
    struct session *s = request_session(q);
    if (err == OK && s != NULL && s->state != SESSION_CLOSING)
        err = command_check(s, q);
    if (err == OK && s != NULL && s->state != SESSION_CLOSING) {
        size_t mark = reply_begin(s, "ballots", request_id(q));
        session_add_text(&s->out, "room", q->room);
        session_add_number(&s->out, "poll", q->of);
        bytes_add_text(&s->out, ",\"ballots\":");
        bytes_add(&s->out, ask->text.at, ask->text.size);
        session_add_bool(&s->out, "more", ((struct ask_ballots *)ask)->more);
        reply_end(s, mark);
    }
    command_done_take(q, err);
}

enum err cmd_ballots(struct session *s, const struct call *c)
{
    struct request *q = command_later(s, c);
    if (q == NULL)
        return ERR_UNAVAILABLE;
    q->of = (uint64_t)field_int(c->args, "poll", 0);
    struct ask_ballots *ask = ask_create(sizeof *ask, ASK_BALLOTS, q->room, on_ballots, q);
    if (ask != NULL) {
        ask->poll = q->of;
        ask->after = (uint64_t)field_int(c->args, "after", 0);
        ask->limit = (unsigned)field_int(c->args, "limit", BALLOTS_PAGE);
    }
    enum err err = ask_take(s->chat->config, (struct ask *)ask);
    if (err != OK)
        command_done_take(q, err);
    return OK;
}

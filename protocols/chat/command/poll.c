/* poll.c - the commands about polls: poll, vote, close_poll, ballots. This file only makes votes
 * (see voter.h); the store judges and counts them, in the order of the log. */
#include "answer.h"
#include "gate.h"
#include "private.h"
#include "request.h"
#include "submit.h"

#include "chat/base/object.h"
#include "chat/base/voter.h"
#include "chat/base/wire.h"
#include "chat/model/ask.h"
#include "chat/model/identity.h"
#include "chat/model/journal.h"
#include "chat/model/reply.h"
#include "chat/model/room.h"
#include "chat/model/standings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BALLOTS_PAGE 1000 /* votes in one answer, at most */

/* --- poll ----------------------------------------------------------------------------------- */

/* The poll as plain text, for clients that do not know polls. */
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
                              : ". You see the counts when it ends.");
    bytes_add(&text, "", 1);
    body->failed |= text.failed;
    object_add_text(body, "text", text.failed ? "" : text.at);
    bytes_finish(&text);
}

static enum err cmd_poll(struct session *s, const struct call *c)
{
    int64_t max = field_int(c->args, "max", 1), closes_ms = field_int(c->args, "closes_at", 0);
    const json_t *options = json_object_get(c->args, "options");
    enum err err = standings_check_post(s->identity, c->room);
    if (err != OK)
        return err;
    if ((size_t)max > json_array_size(options)) {
        *c->bad = "max";
        return ERR_BAD_FIELD;
    }
    struct bytes body = submit_body(s, c->id);
    object_add_text(&body, "question", field_string(c->args, "question"));
    object_add_value(&body, "options", options);
    object_add_number(&body, "max", (uint64_t)max);
    object_add_bool(&body, "secret", field_bool(c->args, "secret"));
    object_add_text(&body, "results", field_string(c->args, "results"));
    if (closes_ms > 0)
        object_add_number(&body, "closes_at", (uint64_t)closes_ms);
    add_text(&body, c->args);
    struct event e = {.kind = EVENT_POLL, .author = s->identity->id, .key = c->id};
    return submit_take(request_create(sizeof(struct request), s, c->id, c->room->name), e, &body);
}

/* --- looking a poll up ---------------------------------------------------------------------- */

/* Called only for a poll that exists and a session that can still get the answer. */
typedef enum err poll_handler(struct session *s, struct request *q, const struct ask_poll *poll);

struct look_up {
    struct request q; /* first */
    poll_handler *handle;
    bool key_asked; /* the journal was asked for the poll's key: ask once */
};
_Static_assert(offsetof(struct look_up, q) == 0, "a request is a look-up");

static void look(void *look_up);

static bool lacks_key(const struct request *q, const struct ask_poll *poll)
{
    return !poll->has_key && !poll->closed && q->chat->config->journal_ops->secret != NULL;
}

static void on_poll(struct ask *ask)
{
    const struct ask_poll *poll = (struct ask_poll *)ask;
    struct look_up *l = ask->arg;
    struct request *q = &l->q;
    struct session *s = request_speaker(q);
    const struct chat_config *config = q->chat->config;
    enum err err = ask->err;
    if (err == OK && !l->key_asked && lacks_key(q, poll)) {
        l->key_asked = true;
        config->journal_ops->secret(config->journal, q->room, q->of, look, l);
        return;
    }
    if (err == OK && s != NULL)
        err = gate_recheck(s, q);
    if (err == OK && s != NULL)
        err = l->handle(s, q, poll);
    request_done_take(q, err);
}

static void look(void *look_up)
{
    struct request *q = &((struct look_up *)look_up)->q;
    struct ask_poll *ask = ask_create(sizeof *ask, ASK_POLL, q->room, on_poll, look_up);
    if (ask != NULL)
        ask->seq = q->of;
    request_ask_take(q, (struct ask *)ask);
}

static enum err look_up(struct session *s, const struct call *c, poll_handler *handle)
{
    struct look_up *l = request_later(sizeof *l, s, c);
    if (l == NULL)
        return ERR_UNAVAILABLE;
    l->handle = handle;
    l->q.of = (uint64_t)field_int(c->args, "poll", 0);
    look(l);
    return OK;
}

/* --- vote ----------------------------------------------------------------------------------- */

static int by_index(const void *a, const void *b)
{
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
    return (x > y) - (x < y);
}

/* In the order of the options, so that the order of a voter's clicks reveals nothing. */
static void add_choices(struct bytes *b, const json_t *choices)
{
    unsigned all[LIST_MAX], n = (unsigned)json_array_size(choices);
    for (unsigned i = 0; i < n; i++)
        all[i] = (unsigned)json_integer_value(json_array_get(choices, i));
    qsort(all, n, sizeof *all, by_index);
    array_begin(b, "choices");
    for (unsigned i = 0; i < n; i++)
        object_add_number(b, NULL, all[i]);
    array_end(b);
}

static bool fits(const json_t *choices, const struct ask_poll *poll)
{
    size_t n = json_array_size(choices);
    for (size_t i = 0; i < n; i++)
        if (json_integer_value(json_array_get(choices, i)) >= (json_int_t)poll->options)
            return false;
    return n <= poll->max;
}

/* Has the voter's other connections here fetch the poll's item, with the choice that counts. */
static void tell_own(struct session *s, const struct request *q)
{
    struct bytes frame = {0};
    size_t mark = wire_open(&frame, "voted");
    object_add_text(&frame, "room", q->room);
    object_add_number(&frame, "poll", q->of);
    wire_close(&frame, mark);
    identity_tell(s->identity, s, &frame);
    bytes_finish(&frame);
}

static struct request *vote_request(const struct session *s, const struct request *q,
                                    const struct voter *voter, bool withdrawn)
{
    struct request *vote = request_create(sizeof *vote, s, q->id, q->room);
    if (vote == NULL)
        return NULL;
    if (!withdrawn)
        strcpy(vote->receipt, voter->receipt);
    vote->of = q->of;
    vote->stored = tell_own;
    return vote;
}

/* The log recognises a repeated vote while the poll has its key. After a secret poll closes, nobody
 * can tell whose vote it would repeat. */
static enum err vote(struct session *s, struct request *q, const struct ask_poll *poll)
{
    const json_t *choices = json_object_get(q->args, "choices");
    bool withdrawn = json_array_size(choices) == 0;
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
    object_begin(&body, NULL);
    add_choices(&body, choices);
    object_add_text(&body, "code", withdrawn ? NULL : voter.receipt);
    object_add_text(&body, "from", poll->secret ? NULL : s->identity->nick);
    return submit_take(vote_request(s, q, &voter, withdrawn), e, &body);
}

static enum err cmd_vote(struct session *s, const struct call *c) { return look_up(s, c, vote); }

/* --- close_poll ----------------------------------------------------------------------------- */

static enum err close_poll(struct session *s, struct request *q, const struct ask_poll *poll)
{
    const struct room *r = room_find(s->chat, q->room);
    if (poll->author != q->identity && standings_role(s->chat, q->identity, r) < ROLE_MODERATOR)
        return ERR_FORBIDDEN;
    struct bytes body = {0};
    object_begin(&body, NULL);
    object_add_number(&body, "poll", q->of);
    object_add_text(&body, "by", s->identity->nick);
    struct event e = {
        .kind = EVENT_POLL_CLOSED, .author = s->identity->id, .of = q->of, .key = q->id};
    return submit_take(request_create(sizeof *q, s, q->id, q->room), e, &body);
}

static enum err cmd_close_poll(struct session *s, const struct call *c)
{
    return look_up(s, c, close_poll);
}

/* --- ballots -------------------------------------------------------------------------------- */

static void add_ballots(struct bytes *to, const struct request *q, const struct ask *ask)
{
    object_add_text(to, "room", q->room);
    object_add_number(to, "poll", q->of);
    object_add_json(to, "ballots", ask->text.at, ask->text.size);
    object_add_bool(to, "more", ((const struct ask_ballots *)ask)->more);
}

static void on_ballots(struct ask *ask) { answer_take(ask, "ballots", add_ballots); }

static enum err cmd_ballots(struct session *s, const struct call *c)
{
    struct request *q = request_later(sizeof *q, s, c);
    if (q == NULL)
        return ERR_UNAVAILABLE;
    q->of = (uint64_t)field_int(c->args, "poll", 0);
    struct ask_ballots *ask = ask_create(sizeof *ask, ASK_BALLOTS, q->room, on_ballots, q);
    if (ask != NULL) {
        ask->poll = q->of;
        ask->after = (uint64_t)field_int(c->args, "after", 0);
        ask->limit = (unsigned)field_int(c->args, "limit", BALLOTS_PAGE);
    }
    request_ask_take(q, (struct ask *)ask);
    return OK;
}

/* --- the commands --------------------------------------------------------------------------- */

/* clang-format off */
#define ARG_POLL { "poll", FIELD_INT, true, 1, SEQ_MAX }

static const struct field poll_fields[] = {
    ARG_ROOM, { "question", FIELD_LINE, true, 1, 300 }, { "options", FIELD_LINES, true, 1, 200 },
    { "max", FIELD_INT, true, 1, LIST_MAX }, { "secret", FIELD_BOOL, true, 0, 0 },
    { "results", FIELD_RESULTS, true, 0, 0 }, { "closes_at", FIELD_INT, false, 1, SEQ_MAX }, {0} };
static const struct field vote_fields[] = {
    ARG_ROOM, ARG_POLL, { "choices", FIELD_INDEXES, true, 0, LIST_MAX - 1 }, {0} };
static const struct field close_poll_fields[] = { ARG_ROOM, ARG_POLL, {0} };
static const struct field ballots_fields[] = {
    ARG_ROOM, ARG_POLL, { "after", FIELD_INT, false, 0, SEQ_MAX },
    { "limit", FIELD_INT, false, 1, BALLOTS_PAGE }, {0} };

const struct command poll_commands[] = {
    /* type          need          least           cost  in order  needs id  handler         fields */
    { "poll",        NEED_MEMBER,  ROLE_MEMBER,    5,    false,    true,     cmd_poll,       poll_fields },
    { "vote",        NEED_MEMBER,  ROLE_MEMBER,    1,    true,     true,     cmd_vote,       vote_fields },
    { "close_poll",  NEED_MEMBER,  ROLE_MEMBER,    1,    true,     true,     cmd_close_poll, close_poll_fields },
    { "ballots",     NEED_MEMBER,  ROLE_MEMBER,    2,    true,     false,    cmd_ballots,    ballots_fields },
    {0},
};
/* clang-format on */

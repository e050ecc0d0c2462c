/* poll.c - the feature of polls and votes: this file opens polls and takes votes, poll_end.c closes
 * and destroys, poll_read.c answers. Votes are counted in the order of the log; for voters see
 * chat/base/voter.h.
 *
 * The body of a vote or an end has two forms. As submitted it names choices and receipt. As judged
 * it has the tally behind it (`voters`), and members see only this form (column `now`). Nothing
 * else is left of the votes in a secret poll after it closes. A node that gives a lost log back to
 * Redis gives the judged form, if it has no other: apply_ballot() takes it as it is. */
#include "feature.h"
#include "poll_end.h"
#include "poll_read.h"
#include "private.h"
#include "tally.h"

#include "chat/base/limits.h"
#include "chat/base/object.h"

#include <stdlib.h>
#include <string.h>

#define OPEN_DAYS_MAX 366
#define DAY_MS        ((int64_t)86400000)

/* poll: `closes` is when it is to be closed, `closed` when it was. Not `whole`: ballots are missing
 * here, or (without a digest) even the end is. `key` makes identities into voters
 * (chat/base/voter.h). ballot: the choices of each voter, as "0,2". */
static const struct schema_step schema[] = {
    {3,
     "CREATE TABLE poll(room INTEGER NOT NULL, seq INTEGER NOT NULL, options INTEGER NOT NULL,"
     " max INTEGER NOT NULL, secret INTEGER NOT NULL, live INTEGER NOT NULL, closes INTEGER,"
     " voters INTEGER NOT NULL, counts TEXT NOT NULL, closed INTEGER, closed_by TEXT, digest TEXT,"
     " whole INTEGER NOT NULL DEFAULT 1, key BLOB, PRIMARY KEY(room, seq)) STRICT, WITHOUT ROWID;"
     "CREATE INDEX poll_open ON poll(room) WHERE closed IS NULL;"
     "CREATE TABLE ballot(room INTEGER NOT NULL, poll INTEGER NOT NULL, voter INTEGER NOT NULL,"
     " code TEXT NOT NULL, choices TEXT NOT NULL, nick TEXT, PRIMARY KEY(room, poll, voter))"
     " STRICT, WITHOUT ROWID;"},
    /* A page names the first voters of each poll without sorting them all. */
    {7, "CREATE INDEX ballot_nick ON ballot(room, poll, nick, choices) WHERE nick IS NOT NULL;"},
    {0, NULL},
};

/* --- polls ---------------------------------------------------------------------------------- */

static int count_open(struct store *s, int64_t room, struct verdict *v)
{
    sqlite3_stmt *q = db_statement(&s->write, "SELECT count(*) FROM poll INDEXED BY poll_open"
                                              " WHERE room = ?1 AND closed IS NULL");
    sqlite3_bind_int64(q, 1, room);
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW && sqlite3_column_int64(q, 0) >= (int64_t)s->limits->polls)
        v->err = ERR_FULL;
    db_reset(q);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static int insert(struct store *s, const struct event *e, int64_t room, const json_t *body)
{
    struct tally t = {.options = (unsigned)json_array_size(json_object_get(body, "options"))};
    struct bytes counts = {0};
    int64_t closes_ms = field_int(body, "closes_at", 0);
    tally_write_counts(&counts, NULL, &t);
    sqlite3_stmt *q = db_statement(
        &s->write, "INSERT INTO poll(room, seq, options, max, secret, live, closes, voters,"
                   " counts) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8)");
    db_bind_place(q, room, e->seq);
    sqlite3_bind_int(q, 3, (int)t.options);
    sqlite3_bind_int64(q, 4, field_int(body, "max", 1));
    sqlite3_bind_int(q, 5, field_bool(body, "secret"));
    sqlite3_bind_int(q, 6, strcmp(field_string(body, "results"), "live") == 0);
    if (closes_ms > 0)
        sqlite3_bind_int64(q, 7, closes_ms);
    sqlite3_bind_text(q, 8, counts.at, (int)counts.size, SQLITE_STATIC);
    int rc = counts.failed ? SQLITE_NOMEM : sqlite3_step(q);
    db_reset(q);
    bytes_finish(&counts);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int apply_poll(struct store *s, const struct event *e, int64_t room, struct verdict *v)
{
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    int64_t closes_ms = field_int(body, "closes_at", 0);
    int rc = SQLITE_OK;
    if (closes_ms != 0 &&
        (closes_ms <= e->wall_ms || closes_ms > e->wall_ms + OPEN_DAYS_MAX * DAY_MS))
        v->err = ERR_BAD_FIELD;
    else
        rc = count_open(s, room, v);
    if (rc == SQLITE_OK && v->err == OK)
        rc = insert(s, e, room, body);
    json_decref(body);
    return rc;
}

/* --- votes ---------------------------------------------------------------------------------- */

static bool choices_fit(const struct tally *t, const json_t *choices)
{
    size_t n = json_array_size(choices);
    bool fit = n <= t->max;
    for (size_t i = 0; i < n; i++)
        fit &= json_integer_value(json_array_get(choices, i)) < (json_int_t)t->options;
    return fit;
}

/* "0,2"; "" withdraws the vote. NULL: no memory. */
static char *choices_of(const json_t *choices)
{
    struct bytes text = {0};
    for (size_t i = 0; i < json_array_size(choices); i++) {
        if (i > 0)
            bytes_add(&text, ",", 1);
        bytes_add_u64(&text, (uint64_t)json_integer_value(json_array_get(choices, i)));
    }
    bytes_add(&text, "", 1);
    if (text.failed)
        bytes_finish(&text);
    return text.at;
}

static int uncount_old(struct store *s, const struct event *e, int64_t room, struct tally *t)
{
    sqlite3_stmt *q =
        db_statement(&s->write, "SELECT choices FROM ballot WHERE room = ?1 AND poll = ?2"
                                " AND voter = ?3");
    db_bind_place(q, room, e->of);
    sqlite3_bind_int64(q, 3, (int64_t)e->author);
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW)
        tally_count(t, db_text(q, 0), -1);
    db_reset(q);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int put_ballot(struct store *s, const struct event *e, int64_t room, const json_t *body,
                      const char *choices)
{
    const char *nick = field_string(body, "from"), *code = field_string(body, "code");
    sqlite3_stmt *q =
        choices[0] == '\0'
            ? db_statement(&s->write,
                           "DELETE FROM ballot WHERE room = ?1 AND poll = ?2 AND voter = ?3")
            : db_statement(&s->write,
                           "INSERT OR REPLACE INTO ballot(room, poll, voter, code, choices, nick)"
                           " VALUES(?1, ?2, ?3, ?4, ?5, ?6)");
    db_bind_place(q, room, e->of);
    sqlite3_bind_int64(q, 3, (int64_t)e->author);
    if (choices[0] != '\0') {
        db_bind_string(q, 4, code);
        db_bind_text(q, 5, choices);
        db_bind_text(q, 6, nick);
    }
    return db_run(q);
}

/* In a poll whose votes members see, with name and choices. */
static char *told_vote(const struct event *e, const struct tally *t, const json_t *body,
                       const char *choices)
{
    const char *nick = field_string(body, "from");
    struct bytes b = {0};
    tally_tell(&b, e, t, t->live);
    if (e->kind == EVENT_VOTE && nick != NULL) {
        object_add_text(&b, "from", nick);
        array_begin(&b, "choices");
        bytes_add_text(&b, choices);
        array_end(&b);
    }
    return tally_told_take(&b);
}

static int cast(struct store *s, const struct event *e, int64_t room, struct tally *t,
                const json_t *body, struct verdict *v)
{
    const json_t *list = json_object_get(body, "choices");
    if (!choices_fit(t, list)) {
        v->err = ERR_BAD_FIELD;
        return SQLITE_OK;
    }
    char *choices = choices_of(list);
    if (choices == NULL)
        return SQLITE_NOMEM;
    int rc = uncount_old(s, e, room, t);
    if (rc == SQLITE_OK)
        rc = put_ballot(s, e, room, body, choices);
    tally_count(t, choices, 1);
    if (rc == SQLITE_OK && (v->told = told_vote(e, t, body, choices)) == NULL)
        rc = SQLITE_NOMEM;
    free(choices);
    return rc;
}

/* --- votes and ends ------------------------------------------------------------------------- */

/* A poll that was deleted where the copy comes from has lost its options: nobody sees its counts.
 */
static bool counts_fit(const struct tally *t, const json_t *counts)
{
    return counts == NULL || t->options == 0 || json_array_size(counts) == t->options;
}

/* SQLITE_ROW: the event comes in its judged form; takes the tally in it. SQLITE_DONE: it does not.
 */
static int take_judged(struct tally *t, const struct event *e, const json_t *body,
                       struct verdict *v)
{
    const json_t *counts = json_object_get(body, "counts");
    if (json_object_get(body, "voters") == NULL)
        return SQLITE_DONE;
    if (!counts_fit(t, counts)) {
        v->err = ERR_BAD_FIELD;
        return SQLITE_OK;
    }
    t->voters = field_int(body, "voters", 0);
    if (counts != NULL)
        tally_read_counts(t, counts);
    t->whole &= e->kind == EVENT_POLL_CLOSED; /* its digest will show whether all are here */
    v->told = strndup(e->body, e->body_bytes);
    return v->told == NULL ? SQLITE_NOMEM : SQLITE_ROW;
}

/* Whether the poll still takes the event. SQLITE_ROW; or SQLite's code and v->err. */
static int find_open(struct store *s, const struct event *e, int64_t room, struct tally *t,
                     struct verdict *v)
{
    int rc = tally_find(s, room, e->of, t);
    if (rc == SQLITE_DONE)
        v->err = ERR_NOT_FOUND;
    if (rc != SQLITE_ROW)
        return rc == SQLITE_DONE ? SQLITE_OK : rc;
    /* by the time in the log, which is the same on all nodes: the end itself may come later */
    bool late = e->kind != EVENT_POLL_CLOSED && t->closes_ms > 0 && e->wall_ms >= t->closes_ms;
    if (t->closed || late)
        v->err = ERR_CLOSED;
    return t->closed || late ? SQLITE_OK : SQLITE_ROW;
}

static int apply_ballot(struct store *s, const struct event *e, int64_t room, struct verdict *v)
{
    struct tally t;
    int rc = find_open(s, e, room, &t, v);
    if (rc != SQLITE_ROW)
        return rc;
    bool end = e->kind == EVENT_POLL_CLOSED;
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    rc = take_judged(&t, e, body, v);
    bool judged = rc == SQLITE_ROW;
    if (rc == SQLITE_DONE)
        rc = end ? poll_judge_end(s, e, room, &t, body, v) : cast(s, e, room, &t, body, v);
    if ((rc == SQLITE_OK || rc == SQLITE_ROW) && v->err == OK)
        rc = tally_save(s, room, e->of, &t);
    if (rc == SQLITE_OK && v->err == OK && end)
        rc = poll_end(s, e, room, &t, v->told, judged);
    v->told_is_body = end; /* no ballots are left to judge the end again */
    json_decref(body);
    return rc;
}

/* --- the feature ---------------------------------------------------------------------------- */

static const struct feature_kind kinds[] = {
    {EVENT_POLL, apply_poll},
    {EVENT_VOTE, apply_ballot},
    {EVENT_BALLOT, apply_ballot},
    {EVENT_POLL_CLOSED, apply_ballot},
    {0, NULL},
};

static const struct feature_answer answers[] = {
    {ASK_POLL, poll_answer},
    {ASK_BALLOTS, poll_answer_ballots},
    {0, NULL},
};

const struct store_feature poll_feature = {
    .schema = schema,
    .kinds = kinds,
    .answers = answers,
    .connect = poll_connect,
    .load = poll_load,
    .fold = poll_fold,
    .forget = poll_forget,
    .forget_room = poll_forget_room,
    .gap = poll_gap,
};

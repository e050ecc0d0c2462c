/* store_poll.c - what polls are made of: votes counted in the order of the log, and judged. On the
 * writer's thread, the same on every node. See store_inside.h, chat/poll.h.
 *
 * The body of a vote or an end has two forms. As submitted it names choices and receipt; as judged
 * it has `voters`, the tally behind it. Members are told the judged one (column `now`); of a secret
 * poll nothing else is left when it is closed (store_poll_end.c). A node that gives a lost log back
 * to Redis gives what it has: a judged event is taken as it is. */
#include "poll.h"

#include <stdlib.h>
#include <string.h>

#define OPEN_DAYS_MAX 366
#define DAY_MS        ((int64_t)86400000)

/* --- tallies -------------------------------------------------------------------------------- */

static void read_counts(struct tally *t, const json_t *counts)
{
    for (size_t i = 0; i < t->options; i++)
        t->counts[i] = json_integer_value(json_array_get(counts, i));
}

/* SQLITE_ROW, or SQLITE_DONE: there is no such poll. */
static int find(struct store *s, int64_t room, uint64_t seq, struct tally *t)
{
    sqlite3_stmt *q =
        db_statement(&s->write, "SELECT options, max, secret, live, closed, voters, counts, whole,"
                                " closes FROM poll WHERE room = ?1 AND seq = ?2");
    poll_bind(q, room, seq);
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW) {
        *t = (struct tally){.options = (unsigned)sqlite3_column_int(q, 0),
                            .max = (unsigned)sqlite3_column_int(q, 1),
                            .secret = sqlite3_column_int(q, 2) != 0,
                            .live = sqlite3_column_int(q, 3) != 0,
                            .closed = sqlite3_column_type(q, 4) != SQLITE_NULL,
                            .voters = sqlite3_column_int64(q, 5),
                            .whole = sqlite3_column_int(q, 7) != 0,
                            .closes_ms = sqlite3_column_int64(q, 8)};
        json_t *counts = json_loads(db_text(q, 6), 0, NULL);
        read_counts(t, counts);
        json_decref(counts);
    }
    db_reset(q);
    return rc;
}

static void write_counts(struct bytes *b, const struct tally *t)
{
    bytes_add(b, "[", 1);
    for (unsigned i = 0; i < t->options; i++) {
        if (i > 0)
            bytes_add(b, ",", 1);
        bytes_add_u64(b, (uint64_t)t->counts[i]);
    }
    bytes_add(b, "]", 1);
}

int tally_save(struct store *s, int64_t room, uint64_t seq, const struct tally *t)
{
    struct bytes counts = {0};
    write_counts(&counts, t);
    sqlite3_stmt *q = db_statement(&s->write, "UPDATE poll SET voters = ?3, counts = ?4, whole = ?5"
                                              " WHERE room = ?1 AND seq = ?2");
    poll_bind(q, room, seq);
    sqlite3_bind_int64(q, 3, t->voters);
    sqlite3_bind_text(q, 4, counts.at, (int)counts.size, SQLITE_STATIC);
    sqlite3_bind_int(q, 5, t->whole);
    int rc = counts.failed ? SQLITE_NOMEM : sqlite3_step(q);
    db_reset(q);
    bytes_finish(&counts);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* `choices` as "0,2": the voter of them comes (1) or goes (-1). */
static void count(struct tally *t, const char *choices, int by)
{
    if (choices[0] == '\0')
        return;
    t->voters += by;
    for (char *end; *choices != '\0'; choices = *end == ',' ? end + 1 : end) {
        unsigned long i = strtoul(choices, &end, 10);
        if (end == choices || i >= t->options)
            return;
        t->counts[i] += by;
    }
}

char *tally_told(const struct event *e, const struct tally *t, bool counts, const char *more)
{
    struct bytes b = {0};
    bytes_add_text(&b, "{\"poll\":");
    bytes_add_u64(&b, e->of);
    bytes_add_text(&b, ",\"voters\":");
    bytes_add_u64(&b, (uint64_t)t->voters);
    if (counts) {
        bytes_add_text(&b, ",\"counts\":");
        write_counts(&b, t);
    }
    bytes_add_text(&b, more);
    bytes_add(&b, "}", 2);
    if (b.failed)
        bytes_finish(&b);
    return b.at;
}

/* The judged form, and the tally in it. SQLITE_DONE: it is not judged. */
static int take_judged(struct tally *t, const struct event *e, const json_t *body, char **told_out)
{
    const json_t *counts = json_object_get(body, "counts");
    if (json_object_get(body, "voters") == NULL)
        return SQLITE_DONE;
    t->voters = field_int(body, "voters", 0);
    if (counts != NULL)
        read_counts(t, counts);
    t->whole &= e->kind == EVENT_POLL_CLOSED; /* an end brings a digest to compare with */
    *told_out = strndup(e->body, e->body_bytes);
    return *told_out == NULL ? SQLITE_NOMEM : SQLITE_ROW;
}

/* --- poll ----------------------------------------------------------------------------------- */

static int count_open(struct store *s, int64_t room, enum err *verdict_out)
{
    sqlite3_stmt *q = db_statement(&s->write, "SELECT count(*) FROM poll INDEXED BY poll_open"
                                              " WHERE room = ?1 AND closed IS NULL");
    sqlite3_bind_int64(q, 1, room);
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW && sqlite3_column_int64(q, 0) >= (int64_t)s->limits->polls)
        *verdict_out = ERR_FULL;
    db_reset(q);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static int insert(struct store *s, const struct event *e, int64_t room, const json_t *body)
{
    struct tally t = {.options = (unsigned)json_array_size(json_object_get(body, "options"))};
    struct bytes counts = {0};
    int64_t closes_ms = field_int(body, "closes_at", 0);
    write_counts(&counts, &t);
    sqlite3_stmt *q = db_statement(
        &s->write, "INSERT INTO poll(room, seq, options, max, secret, live, closes, voters,"
                   " counts) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8)");
    poll_bind(q, room, e->seq);
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

int store_apply_poll(struct store *s, const struct event *e, int64_t room, enum err *verdict_out)
{
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    int64_t closes_ms = field_int(body, "closes_at", 0);
    int rc = SQLITE_OK;
    if (closes_ms != 0 && (closes_ms <= e->at_ms || closes_ms > e->at_ms + OPEN_DAYS_MAX * DAY_MS))
        *verdict_out = ERR_BAD_FIELD;
    else
        rc = count_open(s, room, verdict_out);
    if (rc == SQLITE_OK && *verdict_out == OK)
        rc = insert(s, e, room, body);
    json_decref(body);
    return rc;
}

/* --- votes ---------------------------------------------------------------------------------- */

/* "0,2"; "" withdraws. NULL: they are not of this poll, or no memory. */
static char *choices_of(const struct tally *t, const json_t *body)
{
    const json_t *choices = json_object_get(body, "choices");
    struct bytes text = {0};
    size_t n = json_array_size(choices);
    bool fit = n <= t->max;
    for (size_t i = 0; i < n; i++) {
        json_int_t c = json_integer_value(json_array_get(choices, i));
        fit &= c >= 0 && c < (json_int_t)t->options;
        if (i > 0)
            bytes_add(&text, ",", 1);
        bytes_add_u64(&text, (uint64_t)c);
    }
    bytes_add(&text, "", 1);
    if (!fit || text.failed)
        bytes_finish(&text);
    return text.at;
}

static int uncount_old(struct store *s, const struct event *e, int64_t room, struct tally *t)
{
    sqlite3_stmt *q =
        db_statement(&s->write, "SELECT choices FROM ballot WHERE room = ?1 AND poll = ?2"
                                " AND voter = ?3");
    poll_bind(q, room, e->of);
    sqlite3_bind_int64(q, 3, (int64_t)e->author);
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW)
        count(t, db_text(q, 0), -1);
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
    poll_bind(q, room, e->of);
    sqlite3_bind_int64(q, 3, (int64_t)e->author);
    if (choices[0] != '\0') {
        sqlite3_bind_text(q, 4, code == NULL ? "" : code, -1, SQLITE_STATIC);
        sqlite3_bind_text(q, 5, choices, -1, SQLITE_STATIC);
        sqlite3_bind_text(q, 6, nick, -1, SQLITE_STATIC);
    }
    return db_run(q);
}

static char *told_vote(const struct event *e, const struct tally *t, const json_t *body,
                       const char *choices)
{
    const char *nick = field_string(body, "from");
    struct bytes more = {0};
    if (e->kind == EVENT_VOTE && nick != NULL) {
        bytes_add_text(&more, ",\"from\":");
        bytes_add_json(&more, nick);
        bytes_add_text(&more, ",\"choices\":[");
        bytes_add_text(&more, choices);
        bytes_add_text(&more, "]");
    }
    bytes_add(&more, "", 1);
    char *text = more.failed ? NULL : tally_told(e, t, t->live, more.at);
    bytes_finish(&more);
    return text;
}

static int cast(struct store *s, const struct event *e, int64_t room, struct tally *t,
                const json_t *body, char **told_out)
{
    char *choices = choices_of(t, body);
    if (choices == NULL)
        return SQLITE_NOMEM;
    int rc = uncount_old(s, e, room, t);
    if (rc == SQLITE_OK)
        rc = put_ballot(s, e, room, body, choices);
    count(t, choices, 1);
    if (rc == SQLITE_OK && (*told_out = told_vote(e, t, body, choices)) == NULL)
        rc = SQLITE_NOMEM;
    free(choices);
    return rc;
}

/* --- a vote, or the end --------------------------------------------------------------------- */

int store_apply_ballot(struct store *s, const struct event *e, int64_t room, enum err *verdict_out,
                       char **told_out)
{
    struct tally t;
    bool end = e->kind == EVENT_POLL_CLOSED;
    int rc = find(s, room, e->of, &t);
    /* by the time in the log, which is the same on all nodes: the clock's end is a bit late */
    bool late = rc == SQLITE_ROW && !end && t.closes_ms > 0 && e->at_ms >= t.closes_ms;
    if (rc != SQLITE_ROW || t.closed || late) {
        *verdict_out = rc == SQLITE_ROW ? ERR_CLOSED : ERR_NOT_FOUND;
        return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
    }
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    rc = take_judged(&t, e, body, told_out);
    bool judged = rc == SQLITE_ROW;
    if (rc == SQLITE_DONE)
        rc = end ? poll_judge_end(s, e, room, &t, body, told_out)
                 : cast(s, e, room, &t, body, told_out);
    if (rc == SQLITE_OK || rc == SQLITE_ROW)
        rc = tally_save(s, room, e->of, &t);
    if (rc == SQLITE_OK && end)
        rc = poll_end(s, e, room, &t, *told_out, judged);
    json_decref(body);
    return rc;
}

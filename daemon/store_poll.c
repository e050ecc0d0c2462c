/* store_poll.c - what polls are made of: votes counted in the order of the log, and what is
 * destroyed when a poll is closed. On the writer's thread, the same on every node. See
 * store_inside.h, chat/poll.h.
 *
 * The body of a vote or an end has two forms. As submitted it names choices and receipt; as judged
 * it has `voters`, the tally behind it. Members are told the judged one (column `now`); of a secret
 * poll nothing else is left when it is closed (`scrub_votes`). A node that gives a lost log back to
 * Redis gives what it has: a judged event is taken as it is. */
#include "store_inside.h"

#include "chat/json.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPEN_DAYS_MAX 366
#define DAY_MS        ((int64_t)86400000)

struct tally {
    unsigned options, max;
    bool secret, live, closed;
    int64_t voters, counts[LIST_MAX];
};

static void bind_at(sqlite3_stmt *q, int64_t room, uint64_t seq)
{
    sqlite3_bind_int64(q, 1, room);
    sqlite3_bind_int64(q, 2, (int64_t)seq);
}

static int run(sqlite3_stmt *q)
{
    int rc = sqlite3_step(q);
    db_reset(q);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* --- tallies -------------------------------------------------------------------------------- */

static void read_counts(struct tally *t, const json_t *counts)
{
    for (size_t i = 0; i < t->options; i++)
        t->counts[i] = json_integer_value(json_array_get(counts, i));
}

/* SQLITE_ROW, or SQLITE_DONE: there is no such poll. */
static int find(struct store *s, int64_t room, uint64_t seq, struct tally *t)
{
    sqlite3_stmt *q = db_statement(&s->write, WRITE_POLL_FIND,
                                   "SELECT options, max, secret, live, closed, voters, counts"
                                   " FROM poll WHERE room = ?1 AND seq = ?2");
    bind_at(q, room, seq);
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW) {
        *t = (struct tally){.options = (unsigned)sqlite3_column_int(q, 0),
                            .max = (unsigned)sqlite3_column_int(q, 1),
                            .secret = sqlite3_column_int(q, 2) != 0,
                            .live = sqlite3_column_int(q, 3) != 0,
                            .closed = sqlite3_column_type(q, 4) != SQLITE_NULL,
                            .voters = sqlite3_column_int64(q, 5)};
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

static int save(struct store *s, int64_t room, uint64_t seq, const struct tally *t)
{
    struct bytes counts = {0};
    write_counts(&counts, t);
    sqlite3_stmt *q = db_statement(&s->write, WRITE_POLL_TALLY,
                                   "UPDATE poll SET voters = ?3, counts = ?4"
                                   " WHERE room = ?1 AND seq = ?2");
    bind_at(q, room, seq);
    sqlite3_bind_int64(q, 3, t->voters);
    sqlite3_bind_text(q, 4, counts.at, (int)counts.size, SQLITE_STATIC);
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

/* {"poll":…,"voters":…,"counts":… and what `more` has. NULL: no memory. */
static char *told(const struct event *e, const struct tally *t, bool counts, const char *more)
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
    *told_out = strndup(e->body, e->body_bytes);
    return *told_out == NULL ? SQLITE_NOMEM : SQLITE_ROW;
}

/* --- poll ----------------------------------------------------------------------------------- */

static int count_open(struct store *s, int64_t room, enum err *verdict_out)
{
    sqlite3_stmt *q = db_statement(&s->write, WRITE_POLLS_OPEN,
                                   "SELECT count(*) FROM poll WHERE room = ?1 AND closed IS NULL");
    sqlite3_bind_int64(q, 1, room);
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW && sqlite3_column_int64(q, 0) >= (int64_t)s->polls_max)
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
    sqlite3_stmt *q =
        db_statement(&s->write, WRITE_POLL,
                     "INSERT INTO poll(room, seq, options, max, secret, live, closes, voters,"
                     " counts) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8)");
    bind_at(q, room, e->seq);
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
    sqlite3_stmt *q = db_statement(&s->write, WRITE_BALLOT_FIND,
                                   "SELECT choices FROM ballot WHERE room = ?1 AND poll = ?2"
                                   " AND voter = ?3");
    bind_at(q, room, e->of);
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
            ? db_statement(&s->write, WRITE_BALLOT_DROP,
                           "DELETE FROM ballot WHERE room = ?1 AND poll = ?2 AND voter = ?3")
            : db_statement(&s->write, WRITE_BALLOT,
                           "INSERT OR REPLACE INTO ballot(room, poll, voter, code, choices, nick)"
                           " VALUES(?1, ?2, ?3, ?4, ?5, ?6)");
    bind_at(q, room, e->of);
    sqlite3_bind_int64(q, 3, (int64_t)e->author);
    if (choices[0] != '\0') {
        sqlite3_bind_text(q, 4, code == NULL ? "" : code, -1, SQLITE_STATIC);
        sqlite3_bind_text(q, 5, choices, -1, SQLITE_STATIC);
        sqlite3_bind_text(q, 6, nick, -1, SQLITE_STATIC);
    }
    return run(q);
}

static char *told_vote(const struct event *e, const struct tally *t, const json_t *body,
                       const char *choices)
{
    const char *nick = field_string(body, "from");
    struct bytes more = {0};
    bytes_add_text(&more, "");
    if (e->kind == EVENT_VOTE && nick != NULL) {
        bytes_add_text(&more, ",\"from\":");
        bytes_add_json(&more, nick);
        bytes_add_text(&more, ",\"choices\":[");
        bytes_add_text(&more, choices);
        bytes_add_text(&more, "]");
    }
    bytes_add(&more, "", 1);
    char *text = more.failed ? NULL : told(e, t, t->live, more.at);
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

int store_apply_vote(struct store *s, const struct event *e, int64_t room, enum err *verdict_out,
                     char **told_out)
{
    struct tally t;
    int rc = find(s, room, e->of, &t);
    if (rc != SQLITE_ROW || t.closed) {
        *verdict_out = rc == SQLITE_ROW ? ERR_CLOSED : ERR_NOT_FOUND;
        return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
    }
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    rc = take_judged(&t, e, body, told_out);
    if (rc == SQLITE_DONE)
        rc = cast(s, e, room, &t, body, told_out);
    if (rc == SQLITE_OK || rc == SQLITE_ROW)
        rc = save(s, room, e->of, &t);
    json_decref(body);
    return rc;
}

/* --- the end -------------------------------------------------------------------------------- */

/* SHA-256 of the lines "code choices\n", ordered by code: what the list of ballots says. */
static int digest(struct store *s, const struct event *e, int64_t room,
                  char hex[2 * crypto_hash_sha256_BYTES + 1])
{
    sqlite3_stmt *q =
        db_statement(&s->write, WRITE_BALLOTS,
                     "SELECT code || ' ' || choices || char(10) FROM ballot WHERE room = ?1"
                     " AND poll = ?2 ORDER BY code");
    unsigned char sum[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;
    int rc;
    crypto_hash_sha256_init(&state);
    bind_at(q, room, e->of);
    while ((rc = sqlite3_step(q)) == SQLITE_ROW)
        crypto_hash_sha256_update(&state, (const unsigned char *)db_text(q, 0),
                                  (unsigned long long)sqlite3_column_bytes(q, 0));
    db_reset(q);
    crypto_hash_sha256_final(&state, sum);
    sodium_bin2hex(hex, 2 * sizeof sum + 1, sum, sizeof sum);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int told_close(struct store *s, const struct event *e, int64_t room, const struct tally *t,
                      const json_t *body, char **told_out)
{
    char hex[2 * crypto_hash_sha256_BYTES + 1];
    const char *by = field_string(body, "by");
    struct bytes more = {0};
    int rc = digest(s, e, room, hex);
    if (by != NULL) {
        bytes_add_text(&more, ",\"by\":");
        bytes_add_json(&more, by);
    }
    bytes_add_text(&more, ",\"digest\":\"");
    bytes_add_text(&more, hex);
    bytes_add(&more, "\"", 2);
    if (rc == SQLITE_OK && !more.failed)
        *told_out = told(e, t, true, more.at);
    bytes_finish(&more);
    return rc == SQLITE_OK && *told_out == NULL ? SQLITE_NOMEM : rc;
}

/* In the order of their codes, under numbers that mean nothing. */
static int scrub_ballots(struct store *s, int64_t room, uint64_t poll)
{
    sqlite3_stmt *q =
        db_statement(&s->write, WRITE_BALLOTS_SCRUB,
                     "INSERT INTO ballot SELECT room, poll, -row_number() OVER (ORDER BY code),"
                     " code, choices, NULL FROM ballot WHERE room = ?1 AND poll = ?2"
                     " AND voter > 0");
    bind_at(q, room, poll);
    int rc = run(q);
    if (rc != SQLITE_OK)
        return rc;
    q = db_statement(&s->write, WRITE_BALLOTS_FORGET,
                     "DELETE FROM ballot WHERE room = ?1 AND poll = ?2 AND voter > 0");
    bind_at(q, room, poll);
    return run(q);
}

static int scrub_votes(struct store *s, int64_t room, uint64_t poll)
{
    sqlite3_stmt *q = db_statement(&s->write, WRITE_VOTES_SCRUB,
                                   "UPDATE event SET body = now, author = 0, key = NULL, hash = 0"
                                   " WHERE room = ?1 AND of = ?2 AND kind IN (18, 19)");
    bind_at(q, room, poll);
    s->scrub = true; /* old pages of the WAL have it, too */
    return run(q);
}

static int close_row(struct store *s, const struct event *e, int64_t room, const char *judged)
{
    json_t *body = json_loads(judged, 0, NULL);
    sqlite3_stmt *q = db_statement(&s->write, WRITE_POLL_CLOSE,
                                   "UPDATE poll SET closed = ?3, closed_by = ?4, digest = ?5,"
                                   " key = iif(secret, NULL, key) WHERE room = ?1 AND seq = ?2");
    bind_at(q, room, e->of);
    sqlite3_bind_int64(q, 3, e->at_ms);
    sqlite3_bind_text(q, 4, field_string(body, "by"), -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(q, 5, field_string(body, "digest"), -1, SQLITE_TRANSIENT);
    json_decref(body);
    return run(q);
}

static int end_poll(struct store *s, const struct event *e, int64_t room, const struct tally *t,
                    const char *judged)
{
    int rc = save(s, room, e->of, t);
    if (rc == SQLITE_OK)
        rc = close_row(s, e, room, judged);
    if (rc == SQLITE_OK && t->secret)
        rc = scrub_ballots(s, room, e->of);
    if (rc == SQLITE_OK && t->secret)
        rc = scrub_votes(s, room, e->of);
    return rc;
}

int store_apply_close(struct store *s, const struct event *e, int64_t room, enum err *verdict_out,
                      char **told_out)
{
    struct tally t;
    int rc = find(s, room, e->of, &t);
    if (rc != SQLITE_ROW || t.closed) {
        *verdict_out = rc == SQLITE_ROW ? ERR_CLOSED : ERR_NOT_FOUND;
        return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
    }
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    rc = take_judged(&t, e, body, told_out);
    if (rc == SQLITE_DONE)
        rc = told_close(s, e, room, &t, body, told_out);
    if (rc == SQLITE_OK || rc == SQLITE_ROW)
        rc = end_poll(s, e, room, &t, *told_out);
    json_decref(body);
    return rc;
}

/* What it was is deleted; nothing, if it was no poll. */
int store_forget_poll(struct store *s, int64_t room, uint64_t poll)
{
    sqlite3_stmt *q =
        db_statement(&s->write, WRITE_POLL_DROP, "DELETE FROM poll WHERE room = ?1 AND seq = ?2");
    bind_at(q, room, poll);
    int rc = run(q);
    if (rc != SQLITE_OK || sqlite3_changes(s->write.handle) == 0)
        return rc;
    q = db_statement(&s->write, WRITE_BALLOTS_DROP,
                     "DELETE FROM ballot WHERE room = ?1 AND poll = ?2");
    bind_at(q, room, poll);
    rc = run(q);
    return rc == SQLITE_OK ? scrub_votes(s, room, poll) : rc;
}

/* --- keys ----------------------------------------------------------------------------------- */

int store_set_poll_key(struct store *s, int64_t room, uint64_t poll,
                       const unsigned char key[POLL_KEY_BYTES])
{
    sqlite3_stmt *q = db_statement(&s->write, WRITE_POLL_KEY,
                                   "UPDATE poll SET key = ?3 WHERE room = ?1 AND seq = ?2"
                                   " AND key IS NULL AND (closed IS NULL OR NOT secret)");
    bind_at(q, room, poll);
    sqlite3_bind_blob(q, 3, key, POLL_KEY_BYTES, SQLITE_STATIC);
    return run(q);
}

struct key_job {
    struct write_job w; /* first */
    char room[ROOM_NAME_MAX + 1];
    uint64_t poll;
    unsigned char key[POLL_KEY_BYTES];
    void (*done)(void *arg);
    void *arg;
};

static int run_key(struct store *s, struct write_job *job)
{
    const struct key_job *j = (struct key_job *)job;
    struct log_room *room;
    int rc = store_find_room(s, j->room, &room);
    return rc == SQLITE_OK && room != NULL ? store_set_poll_key(s, room->id, j->poll, j->key) : rc;
}

static void on_key(struct job *job)
{
    struct key_job *j = (struct key_job *)job;
    j->done(j->arg);
    sodium_memzero(j->key, POLL_KEY_BYTES);
    free(j);
}

bool store_keep_poll_key(struct store *s, const char *room, uint64_t poll,
                         const unsigned char key[POLL_KEY_BYTES], void (*done)(void *arg),
                         void *arg)
{
    struct key_job *j = calloc(1, sizeof *j);
    if (j == NULL)
        return false;
    j->done = done;
    j->arg = arg;
    j->w.job.done = on_key;
    j->w.run = run_key;
    strncpy(j->room, room, sizeof j->room - 1);
    j->poll = poll;
    memcpy(j->key, key, sizeof j->key);
    worker_give(s->writer, &j->w.job);
    return true;
}

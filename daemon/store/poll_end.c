/* store_poll_end.c - a poll is closed or deleted: what is told of it, what is destroyed with it,
 * and the keys that are. On the writer's thread. See store_poll.h. */
#include "poll.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

void poll_bind(sqlite3_stmt *q, int64_t room, uint64_t seq)
{
    sqlite3_bind_int64(q, 1, room);
    sqlite3_bind_int64(q, 2, (int64_t)seq);
}

/* --- the end -------------------------------------------------------------------------------- */

/* SHA-256 of the lines "code choices\n", ordered by code: what the list of ballots says. */
static int digest(struct store *s, const struct event *e, int64_t room,
                  char hex[2 * crypto_hash_sha256_BYTES + 1])
{
    sqlite3_stmt *q = db_statement(
        &s->write, "SELECT code || ' ' || choices || char(10) FROM ballot WHERE room = ?1"
                   " AND poll = ?2 ORDER BY code");
    unsigned char sum[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;
    int rc;
    crypto_hash_sha256_init(&state);
    poll_bind(q, room, e->of);
    while ((rc = sqlite3_step(q)) == SQLITE_ROW)
        crypto_hash_sha256_update(&state, (const unsigned char *)db_text(q, 0),
                                  (unsigned long long)sqlite3_column_bytes(q, 0));
    db_reset(q);
    crypto_hash_sha256_final(&state, sum);
    sodium_bin2hex(hex, 2 * sizeof sum + 1, sum, sizeof sum);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int poll_judge_end(struct store *s, const struct event *e, int64_t room, const struct tally *t,
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
        *told_out = tally_told(e, t, true, more.at);
    bytes_finish(&more);
    return rc == SQLITE_OK && *told_out == NULL ? SQLITE_NOMEM : rc;
}

/* In the order of their codes, under numbers that mean nothing. */
static int scrub_ballots(struct store *s, int64_t room, uint64_t poll)
{
    sqlite3_stmt *q = db_statement(
        &s->write, "INSERT INTO ballot SELECT room, poll, -row_number() OVER (ORDER BY code),"
                   " code, choices, NULL FROM ballot WHERE room = ?1 AND poll = ?2"
                   " AND voter > 0");
    poll_bind(q, room, poll);
    int rc = db_run(q);
    if (rc != SQLITE_OK)
        return rc;
    q = db_statement(&s->write, "DELETE FROM ballot WHERE room = ?1 AND poll = ?2 AND voter > 0");
    poll_bind(q, room, poll);
    return db_run(q);
}

static int scrub_votes(struct store *s, int64_t room, uint64_t poll)
{
    sqlite3_stmt *q = db_statement(&s->write, "UPDATE event INDEXED BY event_of"
                                              " SET body = now, author = 0, key = NULL, hash = 0"
                                              " WHERE room = ?1 AND of = ?2 AND kind IN (18, 19)");
    poll_bind(q, room, poll);
    s->scrub = true; /* old pages of the WAL have it, too */
    return db_run(q);
}

/* Whether the ballots are those of the digest that was told. */
static int look_if_whole(struct store *s, const struct event *e, int64_t room, const json_t *body,
                         bool *whole_out)
{
    char hex[2 * crypto_hash_sha256_BYTES + 1];
    const char *told = field_string(body, "digest");
    int rc = digest(s, e, room, hex);
    *whole_out = rc == SQLITE_OK && told != NULL && strcmp(told, hex) == 0;
    return rc;
}

static int close_row(struct store *s, const struct event *e, int64_t room, bool whole,
                     const char *told, bool elsewhere)
{
    json_t *body = json_loads(told, 0, NULL);
    int rc = elsewhere ? look_if_whole(s, e, room, body, &whole) : SQLITE_OK;
    sqlite3_stmt *q = db_statement(
        &s->write, "UPDATE poll SET closed = ?3, closed_by = ?4, digest = ?5,"
                   " whole = ?6, key = iif(secret, NULL, key) WHERE room = ?1 AND seq = ?2");
    poll_bind(q, room, e->of);
    sqlite3_bind_int64(q, 3, e->at_ms);
    sqlite3_bind_text(q, 4, field_string(body, "by"), -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(q, 5, field_string(body, "digest"), -1, SQLITE_TRANSIENT);
    sqlite3_bind_int(q, 6, whole);
    json_decref(body);
    int closed = db_run(q);
    return rc == SQLITE_OK ? closed : rc;
}

int poll_end(struct store *s, const struct event *e, int64_t room, const struct tally *t,
             const char *told, bool elsewhere)
{
    int rc = close_row(s, e, room, t->whole, told, elsewhere);
    if (rc == SQLITE_OK && t->secret)
        rc = scrub_ballots(s, room, e->of);
    return rc == SQLITE_OK && t->secret ? scrub_votes(s, room, e->of) : rc;
}

/* Something of the room is missing here, perhaps votes or the ends of polls: those that are open
 * end without a result, so that nobody takes what is known for one, and no key outlives its poll.
 */
int store_lose_polls(struct store *s, const struct event *gap, int64_t room)
{
    static const char *const steps[] = {
        "UPDATE event INDEXED BY event_of SET body = now, author = 0, key = NULL, hash = 0"
        " WHERE room = ?1 AND kind IN (18, 19) AND of IN"
        " (SELECT seq FROM poll WHERE room = ?1 AND closed IS NULL)",
        "DELETE FROM ballot WHERE room = ?1 AND poll IN"
        " (SELECT seq FROM poll WHERE room = ?1 AND closed IS NULL)",
        "UPDATE poll SET closed = ?2, whole = 0, key = NULL WHERE room = ?1 AND closed IS NULL",
    };
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < sizeof steps / sizeof *steps; i++) {
        sqlite3_stmt *q = db_statement(&s->write, steps[i]);
        sqlite3_bind_int64(q, 1, room);
        sqlite3_bind_int64(q, 2, gap->at_ms); /* only the last one has it */
        rc = db_run(q);
    }
    s->scrub |= rc == SQLITE_OK && sqlite3_changes(s->write.handle) > 0;
    return rc;
}

/* What it was is deleted; nothing, if it was no poll. */
int store_forget_poll(struct store *s, int64_t room, uint64_t poll)
{
    sqlite3_stmt *q = db_statement(&s->write, "DELETE FROM poll WHERE room = ?1 AND seq = ?2");
    poll_bind(q, room, poll);
    int rc = db_run(q);
    if (rc != SQLITE_OK || sqlite3_changes(s->write.handle) == 0)
        return rc;
    q = db_statement(&s->write, "DELETE FROM ballot WHERE room = ?1 AND poll = ?2");
    poll_bind(q, room, poll);
    rc = db_run(q);
    return rc == SQLITE_OK ? scrub_votes(s, room, poll) : rc;
}

/* --- keys ----------------------------------------------------------------------------------- */

int store_set_secret(struct store *s, int64_t room, uint64_t poll,
                     const unsigned char key[SECRET_BYTES])
{
    sqlite3_stmt *q =
        db_statement(&s->write, "UPDATE poll SET key = ?3 WHERE room = ?1 AND seq = ?2"
                                " AND key IS NULL AND (closed IS NULL OR NOT secret)");
    poll_bind(q, room, poll);
    sqlite3_bind_blob(q, 3, key, SECRET_BYTES, SQLITE_STATIC);
    return db_run(q);
}

struct key_job {
    struct write_job w; /* first */
    char room[ROOM_NAME_MAX + 1];
    uint64_t poll;
    unsigned char key[SECRET_BYTES];
    void (*done)(void *arg);
    void *arg;
};

static int run_key(struct store *s, struct write_job *job)
{
    const struct key_job *j = (struct key_job *)job;
    struct log_room *room;
    int rc = store_find_room(s, j->room, &room);
    return rc == SQLITE_OK && room != NULL ? store_set_secret(s, room->id, j->poll, j->key) : rc;
}

static void on_key(struct job *job)
{
    struct key_job *j = (struct key_job *)job;
    j->done(j->arg);
    sodium_memzero(j->key, SECRET_BYTES);
    free(j);
}

bool store_keep_secret(struct store *s, const char *room, uint64_t poll,
                       const unsigned char key[SECRET_BYTES], void (*done)(void *arg), void *arg)
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

/* poll_end.c - see poll_end.h. */
#include "poll_end.h"

#include "private.h"
#include "sql.h"
#include "tally.h"

#include "chat/base/object.h"

#include <sodium.h>
#include <string.h>

/* --- the end -------------------------------------------------------------------------------- */

/* SHA-256 of the lines "code choices\n", ordered by code, as in the list of ballots. */
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
    db_bind_place(q, room, e->of);
    while ((rc = sqlite3_step(q)) == SQLITE_ROW)
        crypto_hash_sha256_update(&state, (const unsigned char *)db_text(q, 0),
                                  (unsigned long long)sqlite3_column_bytes(q, 0));
    db_reset(q);
    crypto_hash_sha256_final(&state, sum);
    sodium_bin2hex(hex, 2 * sizeof sum + 1, sum, sizeof sum);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int poll_judge_end(struct store *s, const struct event *e, int64_t room, const struct tally *t,
                   const json_t *body, struct verdict *v)
{
    char hex[2 * crypto_hash_sha256_BYTES + 1];
    int rc = digest(s, e, room, hex);
    if (rc != SQLITE_OK)
        return rc;
    struct bytes b = {0};
    tally_tell(&b, e, t, true);
    object_add_text(&b, "by", field_string(body, "by"));
    object_add_text(&b, "digest", hex);
    v->told = tally_told_take(&b);
    return v->told == NULL ? SQLITE_NOMEM : SQLITE_OK;
}

/* Replaces the voters by numbers that mean nothing, in the order of the codes. */
static int scrub_ballots(struct store *s, int64_t room, uint64_t poll)
{
    sqlite3_stmt *q = db_statement(
        &s->write, "INSERT INTO ballot SELECT room, poll, -row_number() OVER (ORDER BY code),"
                   " code, choices, NULL FROM ballot WHERE room = ?1 AND poll = ?2"
                   " AND voter > 0");
    db_bind_place(q, room, poll);
    int rc = db_run(q);
    if (rc != SQLITE_OK)
        return rc;
    q = db_statement(&s->write, "DELETE FROM ballot WHERE room = ?1 AND poll = ?2 AND voter > 0");
    db_bind_place(q, room, poll);
    return db_run(q);
}

static void bind_votes(sqlite3_stmt *q)
{
    sqlite3_bind_int(q, 3, EVENT_VOTE);
    sqlite3_bind_int(q, 4, EVENT_BALLOT);
}

/* Replaces the votes by the text that members saw. */
static int scrub_votes(struct store *s, int64_t room, uint64_t poll)
{
    sqlite3_stmt *q = db_statement(&s->write, "UPDATE event INDEXED BY event_of"
                                              " SET body = now, author = 0, key = NULL, hash = 0"
                                              " WHERE room = ?1 AND of = ?2 AND kind IN (?3, ?4)");
    db_bind_place(q, room, poll);
    bind_votes(q);
    s->scrub_soon = true;
    return db_run(q);
}

/* Whether the ballots here have the digest of the end. */
static int compare_digest(struct store *s, const struct event *e, int64_t room, const json_t *body,
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
    int rc = elsewhere ? compare_digest(s, e, room, body, &whole) : SQLITE_OK;
    sqlite3_stmt *q = db_statement(
        &s->write, "UPDATE poll SET closed = ?3, closed_by = ?4, digest = ?5,"
                   " whole = ?6, key = iif(secret, NULL, key) WHERE room = ?1 AND seq = ?2");
    db_bind_place(q, room, e->of);
    sqlite3_bind_int64(q, 3, e->at_ms);
    db_bind_text(q, 4, field_string(body, "by"));
    db_bind_text(q, 5, field_string(body, "digest"));
    sqlite3_bind_int(q, 6, whole);
    int closed = db_run(q);
    json_decref(body);
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

/* --- gaps and deletions --------------------------------------------------------------------- */

#define LOST_POLLS "(SELECT seq FROM poll WHERE room = ?1 AND closed IS NULL)"

static int lose_votes(struct store *s, int64_t room)
{
    sqlite3_stmt *q =
        db_statement(&s->write, "UPDATE event INDEXED BY event_of"
                                " SET body = now, author = 0, key = NULL, hash = 0"
                                " WHERE room = ?1 AND kind IN (?3, ?4) AND of IN " LOST_POLLS);
    sqlite3_bind_int64(q, 1, room);
    bind_votes(q);
    int rc = db_run(q);
    if (rc != SQLITE_OK)
        return rc;
    q = db_statement(&s->write, "DELETE FROM ballot WHERE room = ?1 AND poll IN " LOST_POLLS);
    sqlite3_bind_int64(q, 1, room);
    return db_run(q);
}

/* Votes and ends may be among the missing events. So the open polls end without a result: an
 * incomplete one would mislead, and no key may outlive its poll. */
int poll_gap(struct store *s, const struct event *gap, int64_t room)
{
    int rc = lose_votes(s, room);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_stmt *q = db_statement(&s->write, "UPDATE poll SET closed = ?2, whole = 0, key = NULL"
                                              " WHERE room = ?1 AND closed IS NULL");
    sqlite3_bind_int64(q, 1, room);
    sqlite3_bind_int64(q, 2, gap->at_ms);
    rc = db_run(q);
    s->scrub_soon |= rc == SQLITE_OK && sqlite3_changes(s->write.handle) > 0;
    return rc;
}

int poll_forget(struct store *s, int64_t room, uint64_t poll)
{
    sqlite3_stmt *q = db_statement(&s->write, "DELETE FROM poll WHERE room = ?1 AND seq = ?2");
    db_bind_place(q, room, poll);
    int rc = db_run(q);
    if (rc != SQLITE_OK || sqlite3_changes(s->write.handle) == 0)
        return rc;
    q = db_statement(&s->write, "DELETE FROM ballot WHERE room = ?1 AND poll = ?2");
    db_bind_place(q, room, poll);
    rc = db_run(q);
    return rc == SQLITE_OK ? scrub_votes(s, room, poll) : rc;
}

int poll_forget_room(struct store *s, int64_t room, int most)
{
    sqlite3_stmt *q = db_statement(&s->write, SQL_FORGET_ROOM("poll", "seq"));
    db_bind_place(q, room, (uint64_t)most);
    int rc = db_run(q);
    if (rc != SQLITE_OK)
        return rc;
    q = db_statement(&s->write, SQL_FORGET_ROOM("ballot", "poll, voter"));
    db_bind_place(q, room, (uint64_t)most);
    return db_run(q);
}

/* store_read.c - the reader's thread: the archive's questions (chat/model/ask.h), each an indexed
 * read, answered as text that is ready for the wire. See store_inside.h. */
#include "private.h"

#include "chat/base/item.h"
#include "chat/base/json.h"
#include "log.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_BYTES ((size_t)256 * 1024) /* a page ends after so much; one item is always on it */

#define ROOM_ID "(SELECT id FROM room WHERE name = ?1)"

/* --- rows ----------------------------------------------------------------------------------- */

/* The first five columns of a page and of a run of events; of votes and ends of polls (18 to 20)
 * what is told. Borrowed until the next step. */
#define EVENT_COLUMNS "seq, at, kind, of, iif(kind BETWEEN 18 AND 20, now, body)"

static struct event row_event(sqlite3_stmt *s, const struct ask *ask)
{
    const char *body = db_text(s, 4);
    return (struct event){.room = ask->room,
                          .seq = (uint64_t)sqlite3_column_int64(s, 0),
                          .at_ms = sqlite3_column_int64(s, 1),
                          .kind = (enum event_kind)sqlite3_column_int(s, 2),
                          .of = (uint64_t)sqlite3_column_int64(s, 3),
                          .body = body,
                          .body_bytes = (size_t)sqlite3_column_bytes(s, 4)};
}

/* --- pages ---------------------------------------------------------------------------------- */

/* Rows come newest first and are told oldest first: their texts are turned round at the end. */
static bool write_reversed(struct bytes *to, const struct bytes *texts, const size_t *ends,
                           size_t n)
{
    bytes_add(to, "[", 1);
    for (size_t i = n; i-- > 0;) {
        size_t begin = i == 0 ? 0 : ends[i - 1];
        bytes_add(to, texts->at + begin, ends[i] - begin);
        if (i > 0)
            bytes_add(to, ",", 1);
    }
    bytes_add(to, "]", 1);
    return !to->failed && !texts->failed;
}

static bool write_poll(struct db *db, const struct ask_page *q, const struct event *e,
                       struct bytes *texts)
{
    struct bytes now = {0};
    int rc = store_poll_now(db, q->ask.room, e->seq, q->identity, &now);
    const char *patch = rc == SQLITE_ROW ? now.at : NULL;
    bool known = rc == SQLITE_ROW || rc == SQLITE_DONE;
    bool written = known && !now.failed && item_write(texts, e, patch);
    bytes_finish(&now);
    return written;
}

/* A page that ends inside a gap ends with it: whoever came with what others had does not take the
 * page for a continuation. */
static int write_gap(struct db *db, const struct ask_page *q, struct bytes *texts)
{
    sqlite3_stmt *s = db_statement(db, "SELECT " EVENT_COLUMNS " FROM event WHERE room = " ROOM_ID
                                       " AND seq >= ?2 ORDER BY seq LIMIT 1");
    sqlite3_bind_text(s, 1, q->ask.room, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, (int64_t)q->before);
    int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW && sqlite3_column_int(s, 2) == EVENT_GAP) {
        struct event e = row_event(s, &q->ask);
        json_t *body = json_loads(e.body, 0, NULL);
        e.seq = q->before - 1;
        if ((uint64_t)field_int(body, "after", 0) < e.seq && !item_write(texts, &e, NULL))
            rc = SQLITE_CORRUPT;
        json_decref(body);
    }
    db_reset(s);
    return rc == SQLITE_DONE ? SQLITE_ROW : rc;
}

static int answer_page(struct db *db, struct ask *ask)
{
    struct ask_page *q = (struct ask_page *)ask;
    struct bytes texts = {0};
    size_t n = 0, *ends = calloc(q->limit + 2, sizeof *ends);
    sqlite3_stmt *s =
        db_statement(db, "SELECT " EVENT_COLUMNS ", now FROM event WHERE room = " ROOM_ID
                         " AND kind < 16 AND seq < ?2 ORDER BY seq DESC LIMIT ?3");
    sqlite3_bind_text(s, 1, ask->room, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, q->before == 0 ? INT64_MAX : (int64_t)q->before);
    sqlite3_bind_int64(s, 3, (int64_t)q->limit + 1);
    int rc = ends == NULL ? SQLITE_NOMEM : SQLITE_ROW;
    if (rc == SQLITE_ROW && q->before > 0)
        rc = write_gap(db, q, &texts);
    if (texts.size > 0)
        ends[n++] = texts.size;
    const size_t most = n + q->limit;
    while (rc == SQLITE_ROW && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        struct event e = row_event(s, ask);
        const char *patch = sqlite3_column_type(s, 5) == SQLITE_NULL ? NULL : db_text(s, 5);
        if (n == most || texts.size > PAGE_BYTES) {
            q->more = true;
            rc = SQLITE_DONE;
        } else if (e.kind == EVENT_POLL && patch == NULL ? write_poll(db, q, &e, &texts)
                                                         : item_write(&texts, &e, patch)) {
            ends[n++] = texts.size;
        } else {
            rc = SQLITE_CORRUPT;
        }
    }
    if (rc == SQLITE_DONE && !write_reversed(&ask->text, &texts, ends, n))
        rc = SQLITE_NOMEM;
    db_reset(s);
    bytes_finish(&texts);
    free(ends);
    return rc;
}

/* --- runs of events ------------------------------------------------------------------------- */

static int answer_events(struct db *db, struct ask *ask)
{
    struct ask_events *q = (struct ask_events *)ask;
    sqlite3_stmt *s = db_statement(db, "SELECT " EVENT_COLUMNS " FROM event WHERE room = " ROOM_ID
                                       " AND seq > ?2 AND seq <= ?3 ORDER BY seq");
    int rc;
    uint64_t tally_of =
        0; /* the last frame is a tally of that poll: the next says all that it says */
    size_t tally_at = 0;
    sqlite3_bind_text(s, 1, ask->room, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, (int64_t)q->after);
    sqlite3_bind_int64(s, 3, (int64_t)q->upto);
    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
        struct event e = row_event(s, ask);
        if (e.kind == EVENT_BALLOT && e.of == tally_of)
            ask->text.size = tally_at;
        tally_at = ask->text.size;
        tally_of = e.kind == EVENT_BALLOT ? e.of : 0;
        if (e.kind != EVENT_VOID)
            event_frame(&ask->text, &e);
        q->last = e.seq;
        if (ask->text.size >= q->bytes_max)
            break;
    }
    db_reset(s);
    return ask->text.failed ? SQLITE_NOMEM : rc == SQLITE_ROW ? SQLITE_DONE : rc;
}

static int answer_count(struct db *db, struct ask *ask)
{
    struct ask_count *q = (struct ask_count *)ask;
    sqlite3_stmt *s =
        db_statement(db, "SELECT count(*) FROM (SELECT 1 FROM event WHERE room = " ROOM_ID
                         " AND seq > ?2 AND kind <> 127 LIMIT ?3)");
    sqlite3_bind_text(s, 1, ask->room, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, (int64_t)q->after);
    sqlite3_bind_int64(s, 3, (int64_t)q->limit);
    int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW)
        q->n = (size_t)sqlite3_column_int64(s, 0);
    db_reset(s);
    return rc == SQLITE_ROW ? SQLITE_DONE : rc;
}

/* --- one item ------------------------------------------------------------------------------- */

static int find_key(struct db *db, const char *room, uint64_t author, const char *key, bool *found)
{
    sqlite3_stmt *s =
        db_statement(db, "SELECT 1 FROM event WHERE author = ?1 AND key = ?2 AND (room = 0) = ?3");
    sqlite3_bind_int(s, 3, strcmp(room, SERVER_LOG) == 0);
    sqlite3_bind_int64(s, 1, (int64_t)author);
    sqlite3_bind_text(s, 2, key, -1, SQLITE_STATIC);
    int rc = sqlite3_step(s);
    *found = rc == SQLITE_ROW;
    db_reset(s);
    return rc;
}

static int answer_key(struct db *db, struct ask *ask)
{
    struct ask_key *q = (struct ask_key *)ask;
    return find_key(db, ask->room, q->author, q->key, &q->known);
}

static int answer_item(struct db *db, struct ask *ask)
{
    struct ask_item *q = (struct ask_item *)ask;
    sqlite3_stmt *s = db_statement(db, "SELECT author, now, kind FROM event WHERE room = " ROOM_ID
                                       " AND seq = ?2 AND kind < 15");
    sqlite3_bind_text(s, 1, ask->room, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, (int64_t)q->seq);
    int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW) {
        q->author = (uint64_t)sqlite3_column_int64(s, 0);
        q->kind = (enum event_kind)sqlite3_column_int(s, 2);
        q->deleted =
            item_is_deleted(sqlite3_column_type(s, 1) == SQLITE_NULL ? NULL : db_text(s, 1));
    }
    db_reset(s);
    if (rc == SQLITE_DONE)
        ask->err = ERR_NOT_FOUND;
    return rc == SQLITE_ROW ? find_key(db, ask->room, q->identity, q->key, &q->key_known) : rc;
}

/* --- an identity ---------------------------------------------------------------------------- */

static int read_markers(struct db *db, struct ask_identity *q)
{
    sqlite3_stmt *s =
        db_statement(db, "SELECT name, read, joined FROM marker JOIN room ON room.id = room"
                         " WHERE identity = ?1");
    int rc;
    sqlite3_bind_int64(s, 1, (int64_t)q->id);
    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
        struct archive_marker m = {.read = (uint64_t)sqlite3_column_int64(s, 1),
                                   .joined = sqlite3_column_int(s, 2) != 0};
        strncpy(m.room, db_text(s, 0), sizeof m.room - 1);
        bytes_add(&q->ask.rows, &m, sizeof m);
    }
    db_reset(s);
    return q->ask.rows.failed ? SQLITE_NOMEM : rc;
}

static int answer_identity(struct db *db, struct ask *ask)
{
    struct ask_identity *q = (struct ask_identity *)ask;
    sqlite3_stmt *s =
        db_statement(db, "SELECT id, nick, token, seen FROM identity WHERE skeleton = ?1");
    sqlite3_bind_text(s, 1, q->skeleton, -1, SQLITE_STATIC);
    int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW && sqlite3_column_bytes(s, 2) == TOKEN_HASH_BYTES) {
        bytes_add_text(&ask->text, db_text(s, 1));
        bytes_add(&ask->text, "", 1);
        memcpy(q->token_hash, sqlite3_column_blob(s, 2), TOKEN_HASH_BYTES);
        q->id = (uint64_t)sqlite3_column_int64(s, 0);
        q->seen_ms = sqlite3_column_int64(s, 3);
        q->found = true;
    }
    db_reset(s);
    if (ask->text.failed)
        return SQLITE_NOMEM;
    return q->found ? read_markers(db, q) : rc;
}

/* --- asking --------------------------------------------------------------------------------- */

static store_answerer *const answerers[ASK_KINDS] = {
    [ASK_PAGE] = answer_page,
    [ASK_EVENTS] = answer_events,
    [ASK_COUNT] = answer_count,
    [ASK_ITEM] = answer_item,
    [ASK_KEY] = answer_key,
    [ASK_POLL] = store_answer_poll,
    [ASK_BALLOTS] = store_answer_ballots,
    [ASK_STANDINGS] = store_answer_standings,
    [ASK_IDENTITY] = answer_identity,
};

/* A question of the core's among the jobs of the reader. */
struct ask_job {
    struct read_job r; /* first */
    struct ask *ask;
};

static int answer(struct db *db, struct read_job *r)
{
    struct ask *ask = ((struct ask_job *)r)->ask;
    return answerers[ask->kind](db, ask);
}

static void on_answered(struct job *job)
{
    struct ask_job *j = (struct ask_job *)job;
    if (j->r.err != OK)
        j->ask->err = j->r.err;
    j->ask->done(j->ask);
    ask_destroy(&j->ask);
    free(j);
}

static enum err ask(struct archive *a, struct ask *ask)
{
    struct ask_job *j = calloc(1, sizeof *j);
    if (j == NULL)
        return ERR_UNAVAILABLE;
    j->ask = ask;
    j->r.answer = answer;
    j->r.job.done = on_answered;
    return store_give_question((struct store *)a, &j->r);
}

const struct archive_ops store_archive_ops = {.ask = ask, .mark = store_mark};

void store_answer(void *store, struct job *batch)
{
    struct store *s = store;
    for (struct job *job = batch; job != NULL; job = job->next) {
        struct read_job *q = (struct read_job *)job;
        pthread_mutex_lock(&s->reading);
        int rc = s->read.handle == NULL ? SQLITE_CANTOPEN : q->answer(&s->read, q);
        pthread_mutex_unlock(&s->reading);
        if (rc == SQLITE_OK || rc == SQLITE_DONE || rc == SQLITE_ROW)
            continue;
        q->err = ERR_UNAVAILABLE;
        log_error("store reading failed: %s", store_why(rc));
    }
}

enum err store_give_question(struct store *s, struct read_job *q)
{
    if (worker_waiting(s->reader) >= STORE_WAITING_MAX) {
        free(q);
        return ERR_UNAVAILABLE;
    }
    worker_give(s->reader, &q->job);
    return OK;
}

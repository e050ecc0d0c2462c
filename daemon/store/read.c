/* store_read.c - the reader's thread: the archive's questions (chat/archive.h), each an indexed
 * read, answered as text that is ready for the wire. See store_inside.h. */
#include "private.h"

#include "chat/base/item.h"
#include "chat/base/json.h"
#include "log.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_BYTES ((size_t)256 * 1024) /* a page ends after so much; one item is always on it */

#define ROOM_ID "(SELECT id FROM room WHERE name = ?1)"

struct question {
    struct read_job r; /* first */
    void (*tell)(struct question *q);
    char room[ROOM_NAME_MAX + 1];
    uint64_t number; /* the seq that is asked about */
    uint64_t upto;
    size_t limit;
    char *words; /* a skeleton or a key; own */
    union {
        archive_page_done *page;
        archive_events_done *events;
        archive_count_done *count;
        archive_item_done *item;
        archive_known_done *known;
        archive_identity_done *identity;
    } done;
    void *arg;
    /* the answer */
    struct bytes text;
    bool more;
    uint64_t last;
    size_t count;
    struct archive_item item;
    struct archive_identity who;
    unsigned char token_hash[TOKEN_HASH_BYTES];
    bool found;
    struct archive_marker *markers;
    size_t marker_count;
};

/* --- rows ----------------------------------------------------------------------------------- */

/* The first five columns of a page and of a run of events; of votes and ends of polls (18 to 20)
 * what is told. Borrowed until the next step. */
#define EVENT_COLUMNS "seq, at, kind, of, iif(kind BETWEEN 18 AND 20, now, body)"

static struct event row_event(sqlite3_stmt *s, const struct question *q)
{
    const char *body = db_text(s, 4);
    return (struct event){.room = q->room,
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

static bool write_poll(struct db *db, const struct question *q, const struct event *e,
                       struct bytes *texts)
{
    struct bytes now = {0};
    int rc = store_poll_now(db, q->room, e->seq, q->who.id, &now);
    const char *patch = rc == SQLITE_ROW ? now.at : NULL;
    bool known = rc == SQLITE_ROW || rc == SQLITE_DONE;
    bool written = known && !now.failed && item_write(texts, e, patch);
    bytes_finish(&now);
    return written;
}

/* A page that ends inside a gap ends with it: whoever came with what others had does not take the
 * page for a continuation. */
static int write_gap(struct db *db, struct question *q, struct bytes *texts)
{
    sqlite3_stmt *s = db_statement(db, READ_GAP,
                                   "SELECT " EVENT_COLUMNS " FROM event WHERE room = " ROOM_ID
                                   " AND seq >= ?2 ORDER BY seq LIMIT 1");
    sqlite3_bind_text(s, 1, q->room, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, (int64_t)q->number);
    int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW && sqlite3_column_int(s, 2) == EVENT_GAP) {
        struct event e = row_event(s, q);
        json_t *body = json_loads(e.body, 0, NULL);
        e.seq = q->number - 1;
        if ((uint64_t)field_int(body, "after", 0) < e.seq && !item_write(texts, &e, NULL))
            rc = SQLITE_CORRUPT;
        json_decref(body);
    }
    db_reset(s);
    return rc == SQLITE_DONE ? SQLITE_ROW : rc;
}

static int answer_page(struct db *db, struct read_job *r)
{
    struct question *q = (struct question *)r;
    struct bytes texts = {0};
    size_t n = 0, *ends = calloc(q->limit + 2, sizeof *ends);
    sqlite3_stmt *s = db_statement(db, READ_PAGE,
                                   "SELECT " EVENT_COLUMNS ", now FROM event WHERE room = " ROOM_ID
                                   " AND kind < 16 AND seq < ?2 ORDER BY seq DESC LIMIT ?3");
    sqlite3_bind_text(s, 1, q->room, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, q->number == 0 ? INT64_MAX : (int64_t)q->number);
    sqlite3_bind_int64(s, 3, (int64_t)q->limit + 1);
    int rc = ends == NULL ? SQLITE_NOMEM : SQLITE_ROW;
    if (rc == SQLITE_ROW && q->number > 0)
        rc = write_gap(db, q, &texts);
    if (texts.size > 0)
        ends[n++] = texts.size;
    const size_t most = n + q->limit;
    while (rc == SQLITE_ROW && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        struct event e = row_event(s, q);
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
    if (rc == SQLITE_DONE && !write_reversed(&q->text, &texts, ends, n))
        rc = SQLITE_NOMEM;
    db_reset(s);
    bytes_finish(&texts);
    free(ends);
    return rc;
}

static void tell_page(struct question *q)
{
    q->done.page(q->arg, q->r.err, q->text.at, q->text.size, q->more);
}

/* --- runs of events ------------------------------------------------------------------------- */

static int answer_events(struct db *db, struct read_job *r)
{
    struct question *q = (struct question *)r;
    sqlite3_stmt *s = db_statement(db, READ_EVENTS,
                                   "SELECT " EVENT_COLUMNS " FROM event WHERE room = " ROOM_ID
                                   " AND seq > ?2 AND seq <= ?3 ORDER BY seq");
    int rc;
    uint64_t tally_of =
        0; /* the last frame is a tally of that poll: the next says all that it says */
    size_t tally_at = 0;
    sqlite3_bind_text(s, 1, q->room, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, (int64_t)q->number);
    sqlite3_bind_int64(s, 3, (int64_t)q->upto);
    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
        struct event e = row_event(s, q);
        if (e.kind == EVENT_BALLOT && e.of == tally_of)
            q->text.size = tally_at;
        tally_at = q->text.size;
        tally_of = e.kind == EVENT_BALLOT ? e.of : 0;
        if (e.kind != EVENT_VOID)
            event_frame(&q->text, &e);
        q->last = e.seq;
        if (q->text.size >= q->limit)
            break;
    }
    db_reset(s);
    return q->text.failed ? SQLITE_NOMEM : rc == SQLITE_ROW ? SQLITE_DONE : rc;
}

static void tell_events(struct question *q)
{
    q->done.events(q->arg, q->r.err, q->text.at, q->text.size, q->last);
}

static int answer_count(struct db *db, struct read_job *r)
{
    struct question *q = (struct question *)r;
    sqlite3_stmt *s = db_statement(db, READ_COUNT,
                                   "SELECT count(*) FROM (SELECT 1 FROM event WHERE room = " ROOM_ID
                                   " AND seq > ?2 AND kind <> 127 LIMIT ?3)");
    sqlite3_bind_text(s, 1, q->room, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, (int64_t)q->number);
    sqlite3_bind_int64(s, 3, (int64_t)q->limit);
    int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW)
        q->count = (size_t)sqlite3_column_int64(s, 0);
    db_reset(s);
    return rc == SQLITE_ROW ? SQLITE_DONE : rc;
}

static void tell_count(struct question *q) { q->done.count(q->arg, q->r.err, q->count); }

/* --- one item ------------------------------------------------------------------------------- */

static int find_key(struct db *db, struct question *q)
{
    sqlite3_stmt *s = db_statement(
        db, READ_KEY, "SELECT 1 FROM event WHERE author = ?1 AND key = ?2 AND (room = 0) = ?3");
    sqlite3_bind_int(s, 3, strcmp(q->room, SERVER_LOG) == 0);
    sqlite3_bind_int64(s, 1, (int64_t)q->who.id);
    sqlite3_bind_text(s, 2, q->words, -1, SQLITE_STATIC);
    int rc = sqlite3_step(s);
    q->item.key_known = rc == SQLITE_ROW;
    db_reset(s);
    return rc;
}

static int answer_known(struct db *db, struct read_job *r)
{
    return find_key(db, (struct question *)r);
}

static int answer_item(struct db *db, struct read_job *r)
{
    struct question *q = (struct question *)r;
    sqlite3_stmt *s = db_statement(db, READ_ITEM,
                                   "SELECT author, now, kind FROM event WHERE room = " ROOM_ID
                                   " AND seq = ?2 AND kind < 15");
    sqlite3_bind_text(s, 1, q->room, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, (int64_t)q->number);
    int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW) {
        q->item.author = (uint64_t)sqlite3_column_int64(s, 0);
        q->item.kind = (enum event_kind)sqlite3_column_int(s, 2);
        q->item.deleted =
            item_is_deleted(sqlite3_column_type(s, 1) == SQLITE_NULL ? NULL : db_text(s, 1));
    }
    db_reset(s);
    if (rc == SQLITE_DONE)
        q->r.err = ERR_NOT_FOUND;
    return rc == SQLITE_ROW ? find_key(db, q) : rc;
}

static void tell_item(struct question *q) { q->done.item(q->arg, q->r.err, &q->item); }

static void tell_known(struct question *q) { q->done.known(q->arg, q->r.err, q->item.key_known); }

/* --- an identity ---------------------------------------------------------------------------- */

static int read_markers(struct db *db, struct question *q)
{
    sqlite3_stmt *s =
        db_statement(db, READ_MARKERS,
                     "SELECT name, read, joined FROM marker JOIN room ON room.id = room"
                     " WHERE identity = ?1");
    int rc;
    sqlite3_bind_int64(s, 1, (int64_t)q->who.id);
    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
        struct archive_marker *all = realloc(q->markers, (q->marker_count + 1) * sizeof *all);
        char *room = strdup(db_text(s, 0));
        if (all != NULL)
            q->markers = all;
        if (all == NULL || room == NULL) {
            free(room);
            rc = SQLITE_NOMEM;
            break;
        }
        all[q->marker_count++] = (struct archive_marker){room, (uint64_t)sqlite3_column_int64(s, 1),
                                                         sqlite3_column_int(s, 2) != 0};
    }
    db_reset(s);
    return rc;
}

static int answer_identity(struct db *db, struct read_job *r)
{
    struct question *q = (struct question *)r;
    sqlite3_stmt *s = db_statement(
        db, READ_IDENTITY, "SELECT id, nick, token, seen FROM identity WHERE skeleton = ?1");
    sqlite3_bind_text(s, 1, q->words, -1, SQLITE_STATIC);
    int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW && sqlite3_column_bytes(s, 2) == TOKEN_HASH_BYTES) {
        bytes_add_text(&q->text, db_text(s, 1));
        bytes_add(&q->text, "", 1);
        memcpy(q->token_hash, sqlite3_column_blob(s, 2), TOKEN_HASH_BYTES);
        q->who.id = (uint64_t)sqlite3_column_int64(s, 0);
        q->who.seen_ms = sqlite3_column_int64(s, 3);
        q->found = true;
    }
    db_reset(s);
    if (q->text.failed)
        return SQLITE_NOMEM;
    return q->found ? read_markers(db, q) : rc;
}

static void tell_identity(struct question *q)
{
    q->who.nick = q->text.at;
    q->who.token_hash = q->token_hash;
    q->done.identity(q->arg, q->r.err, q->found ? &q->who : NULL, q->markers, q->marker_count);
}

/* --- asking --------------------------------------------------------------------------------- */

static void destroy(struct question *q)
{
    for (size_t i = 0; i < q->marker_count; i++)
        free((char *)(uintptr_t)q->markers[i].room);
    free(q->markers);
    free(q->words);
    bytes_finish(&q->text);
    free(q);
}

static void on_answered(struct job *job)
{
    struct question *q = (struct question *)job;
    q->tell(q);
    destroy(q);
}

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

static struct question *question_create(const char *room, uint64_t number, size_t limit, void *arg)
{
    struct question *q = calloc(1, sizeof *q);
    if (q == NULL)
        return NULL;
    q->r.job.done = on_answered;
    q->number = number;
    q->limit = limit;
    q->arg = arg;
    if (room != NULL)
        strncpy(q->room, room, sizeof q->room - 1);
    return q;
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

static enum err ask_take(struct archive *a, struct question *q,
                         int (*answer)(struct db *db, struct read_job *r),
                         void (*tell)(struct question *q))
{
    char *words = q->words;
    q->r.answer = answer;
    q->tell = tell;
    enum err err = store_give_question((struct store *)a, &q->r);
    if (err != OK)
        free(words);
    return err;
}

static enum err ask_page(struct archive *a, const char *room, uint64_t before, unsigned limit,
                         uint64_t identity, archive_page_done *done, void *arg)
{
    struct question *q = question_create(room, before, limit, arg);
    if (q == NULL)
        return ERR_UNAVAILABLE;
    q->who.id = identity;
    q->done.page = done;
    return ask_take(a, q, answer_page, tell_page);
}

static enum err ask_events(struct archive *a, const char *room, uint64_t after, uint64_t upto,
                           size_t bytes_max, archive_events_done *done, void *arg)
{
    struct question *q = question_create(room, after, bytes_max, arg);
    if (q == NULL)
        return ERR_UNAVAILABLE;
    q->upto = upto;
    q->done.events = done;
    return ask_take(a, q, answer_events, tell_events);
}

static enum err ask_count(struct archive *a, const char *room, uint64_t after, size_t limit,
                          archive_count_done *done, void *arg)
{
    struct question *q = question_create(room, after, limit, arg);
    if (q == NULL)
        return ERR_UNAVAILABLE;
    q->done.count = done;
    return ask_take(a, q, answer_count, tell_count);
}

static enum err ask_item(struct archive *a, const char *room, uint64_t seq, uint64_t identity,
                         const char *key, archive_item_done *done, void *arg)
{
    struct question *q = question_create(room, seq, 0, arg);
    if (q == NULL)
        return ERR_UNAVAILABLE;
    q->done.item = done;
    q->who.id = identity;
    q->words = strdup(key);
    return ask_take(a, q, answer_item, tell_item);
}

static enum err ask_known(struct archive *a, uint64_t author, const char *key,
                          archive_known_done *done, void *arg)
{
    struct question *q = question_create(NULL, 0, 0, arg);
    if (q == NULL)
        return ERR_UNAVAILABLE;
    q->done.known = done;
    q->who.id = author;
    q->words = strdup(key);
    return ask_take(a, q, answer_known, tell_known);
}

static enum err ask_identity(struct archive *a, const char *skeleton, archive_identity_done *done,
                             void *arg)
{
    struct question *q = question_create(NULL, 0, 0, arg);
    if (q == NULL)
        return ERR_UNAVAILABLE;
    q->done.identity = done;
    q->words = strdup(skeleton);
    return ask_take(a, q, answer_identity, tell_identity);
}

const struct archive_ops store_archive_ops = {.page = ask_page,
                                              .events = ask_events,
                                              .count = ask_count,
                                              .item = ask_item,
                                              .known = ask_known,
                                              .poll = store_ask_poll,
                                              .ballots = store_ask_ballots,
                                              .standings = store_ask_standings,
                                              .identity = ask_identity,
                                              .mark = store_mark};

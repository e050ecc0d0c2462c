/* poll_read.c - see poll_read.h. */
#include "poll_read.h"

#include "load.h"
#include "page.h"
#include "private.h"
#include "reject.h"
#include "sql.h"

#include "chat/base/body.h"
#include "chat/base/json.h"
#include "chat/base/object.h"
#include "chat/base/voter.h"
#include "chat/chat.h"

#include <stdlib.h>
#include <string.h>

#define VOTES_TOLD "100" /* names that an item has, of the votes in an open poll */

static void bind_at(sqlite3_stmt *q, const char *room, uint64_t seq)
{
    db_bind_text(q, 1, room);
    sqlite3_bind_int64(q, 2, (int64_t)seq);
}

/* --- whether a row is sound ----------------------------------------------------------------- */

static void add_json(struct bytes *to, const char *name, sqlite3_stmt *q, int column)
{
    if (!db_is_null(q, column))
        object_add_json(to, name, db_text(q, column), (size_t)sqlite3_column_bytes(q, column));
}

/* Whether the text is numbers of JSON, with commas between them. */
static bool is_choices(const char *text)
{
    for (const char *at = text;; at++) {
        size_t digits = strspn(at, "0123456789");
        if (digits == 0 || (digits > 1 && *at == '0'))
            return false;
        at += digits;
        if (*at != ',')
            return *at == '\0';
    }
}

/* Whether all of them name options. */
static bool choices_fit(const char *text, unsigned options)
{
    if (!is_choices(text))
        return false;
    for (char *end; *text != '\0'; text = *end == ',' ? end + 1 : end)
        if (strtoul(text, &end, 10) >= options)
            return false;
    return true;
}

/* `counts`: an array of numbers. A deleted poll has no options any more. */
static bool counts_fit(const char *counts, unsigned options)
{
    unsigned n = strpbrk(counts, "0123456789") != NULL;
    for (const char *at = counts; (at = strchr(at, ',')) != NULL; at++)
        n++;
    return n == 0 || options == 0 || n == options;
}

/* The columns must make an end of the poll that could come from outside. */
static bool is_sound(sqlite3_stmt *q, const char *room)
{
    struct bytes tally = {0};
    const char *mine = db_text(q, 6);
    unsigned options = (unsigned)sqlite3_column_int(q, 8);
    uint64_t seq = (uint64_t)sqlite3_column_int64(q, 0);
    object_begin(&tally, NULL);
    object_add_number(&tally, "poll", seq);
    add_json(&tally, "voters", q, 1);
    add_json(&tally, "counts", q, 9);
    if (!db_is_null(q, 4))
        object_add_text(&tally, "by", db_text(q, 4));
    if (!db_is_null(q, 5))
        object_add_text(&tally, "digest", db_text(q, 5));
    object_end(&tally);
    struct event e = {.room = room,
                      .seq = seq + 1,
                      .at_ms = sqlite3_column_int64(q, 3),
                      .kind = EVENT_POLL_CLOSED,
                      .of = seq,
                      .body = tally.at,
                      .body_bytes = tally.size};
    bool sound =
        tally.failed || (event_check(&e) == FAULT_NONE && counts_fit(db_text(q, 9), options));
    bytes_finish(&tally);
    return sound && (mine[0] == '\0' || choices_fit(mine, options));
}

/* --- pages ---------------------------------------------------------------------------------- */

/* SQL function poll_voter(key, identity): the voter's number; NULL without a key or an identity. */
static void poll_voter_sql(sqlite3_context *c, int n, sqlite3_value **values)
{
    (void)n;
    uint64_t identity = (uint64_t)sqlite3_value_int64(values[1]);
    if (identity != 0 && sqlite3_value_bytes(values[0]) == SECRET_BYTES)
        sqlite3_result_int64(c,
                             (int64_t)poll_voter_number(sqlite3_value_blob(values[0]), identity));
}

int poll_connect(struct db *db)
{
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
    return sqlite3_create_function(db->handle, "poll_voter", 2, flags, NULL, poll_voter_sql, NULL,
                                   NULL);
}

/* Of each poll: how it stands, the reader's own choices, and whether members may see the votes. A
 * closed poll without a digest is lost: nobody sees its counts. */
#define FOLD                                                                                       \
    "SELECT seq, voters, iif(visible, counts, NULL), closed, closed_by, digest,"                   \
    " iif(voter IS NULL, NULL, ifnull((SELECT choices FROM ballot AS b"                            \
    " WHERE b.room = p.room AND b.poll = p.seq AND b.voter = p.voter), '')),"                      \
    " visible AND NOT secret, options, counts, room"                                               \
    " FROM (SELECT *, poll_voter(key, ?4) AS voter,"                                               \
    " iif(closed IS NULL, live, digest IS NOT NULL) AS visible FROM poll"                          \
    " WHERE room = " SQL_ROOM " AND seq BETWEEN ?2 AND ?3) AS p"

static void add_poll(struct bytes *to, sqlite3_stmt *q)
{
    bool closed = !db_is_null(q, 3), lost = closed && db_is_null(q, 5);
    add_json(to, "voters", q, 1);
    add_json(to, "counts", q, 2);
    object_add_bool(to, "closed", closed);
    add_json(to, "closed_at", q, 3);
    if (lost)
        object_add_bool(to, "lost", true);
    if (closed && !lost) {
        if (!db_is_null(q, 4))
            object_add_text(to, "closed_by", db_text(q, 4));
        object_add_text(to, "digest", db_text(q, 5));
    }
    if (db_is_null(q, 6))
        return;
    array_begin(to, "mine");
    bytes_add_text(to, db_text(q, 6));
    array_end(to);
}

/* A page may have thousands of these. False: the row is damaged, and left out. */
static bool add_vote(struct bytes *to, sqlite3_stmt *q, unsigned options, bool first)
{
    if (!db_text_ok(q, 0, NICK_BYTES_MAX) || !choices_fit(db_text(q, 1), options))
        return false;
    bytes_add_text(to, first ? "{\"from\":" : ",{\"from\":");
    bytes_add_json(to, db_text(q, 0));
    bytes_add_text(to, ",\"choices\":[");
    bytes_add_text(to, db_text(q, 1));
    bytes_add_text(to, "]}");
    return true;
}

/* A statement of its own for each poll: within FOLD, SQLite would copy every vote twice. */
static int add_votes(struct store *s, struct bytes *to, sqlite3_stmt *poll, const char *room)
{
    if (sqlite3_column_int(poll, 7) == 0)
        return SQLITE_OK;
    sqlite3_stmt *q = db_statement(
        &s->read, "SELECT nick, choices FROM ballot INDEXED BY ballot_nick WHERE room = ?1"
                  " AND poll = ?2 AND nick IS NOT NULL ORDER BY nick LIMIT " VOTES_TOLD);
    uint64_t seq = (uint64_t)sqlite3_column_int64(poll, 0);
    unsigned options = (unsigned)sqlite3_column_int(poll, 8);
    size_t added = 0, damaged = 0;
    int rc;
    db_bind_place(q, sqlite3_column_int64(poll, 10), seq);
    array_begin(to, "votes");
    while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
        bool sound = add_vote(to, q, options, added == 0);
        added += sound;
        damaged += !sound;
    }
    array_end(to);
    db_reset(q);
    if (damaged > 0)
        store_reject_row(s, room, seq, "a ballot");
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int fold_poll(struct store *s, struct page *page, sqlite3_stmt *q)
{
    uint64_t seq = (uint64_t)sqlite3_column_int64(q, 0);
    struct bytes *to = page_more(page, seq);
    if (to == NULL)
        return SQLITE_OK;
    if (!is_sound(q, page->room)) {
        page_damaged(page, seq, "a poll");
        return SQLITE_OK;
    }
    add_poll(to, q);
    return add_votes(s, to, q, page->room);
}

int poll_fold(struct store *s, struct page *page)
{
    sqlite3_stmt *q = db_statement(&s->read, FOLD);
    int rc, folded = SQLITE_OK;
    bind_at(q, page->room, page->oldest);
    sqlite3_bind_int64(q, 3, (int64_t)page->newest);
    sqlite3_bind_int64(q, 4, (int64_t)page->identity);
    while (folded == SQLITE_OK && (rc = sqlite3_step(q)) == SQLITE_ROW)
        folded = fold_poll(s, page, q);
    db_reset(q);
    return folded != SQLITE_OK ? folded : rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* --- questions ------------------------------------------------------------------------------ */

/* SQLITE_ROW, or SQLITE_DONE with ERR_NOT_FOUND. */
static int find_poll(struct db *db, const char *room, struct ask_poll *q, bool *whole_out)
{
    sqlite3_stmt *s = db_statement(
        db, "SELECT author, options, max, secret, live, closed, poll.key, whole FROM poll"
            " JOIN event USING (room, seq) WHERE poll.room = " SQL_ROOM " AND poll.seq = ?2");
    bind_at(s, room, q->seq);
    int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW) {
        q->author = (uint64_t)sqlite3_column_int64(s, 0);
        q->options = (unsigned)sqlite3_column_int(s, 1);
        q->max = (unsigned)sqlite3_column_int(s, 2);
        q->secret = sqlite3_column_int(s, 3) != 0;
        q->live = sqlite3_column_int(s, 4) != 0;
        q->closed = !db_is_null(s, 5);
        q->has_key = sqlite3_column_bytes(s, 6) == SECRET_BYTES;
        *whole_out = sqlite3_column_int(s, 7) != 0;
        if (q->has_key)
            memcpy(q->key, sqlite3_column_blob(s, 6), SECRET_BYTES);
    } else if (rc == SQLITE_DONE) {
        q->ask.err = ERR_NOT_FOUND;
    }
    db_reset(s);
    return rc;
}

int poll_answer(struct store *s, struct ask *ask)
{
    bool whole;
    return find_poll(&s->read, ask->room, (struct ask_poll *)ask, &whole);
}

/* --- ballots -------------------------------------------------------------------------------- */

static bool is_ballot(sqlite3_stmt *q, unsigned options)
{
    return db_text_ok(q, 0, BODY_CODE_MAX) && choices_fit(db_text(q, 1), options);
}

static int write_ballots(struct store *s, struct ask_ballots *p, unsigned options)
{
    struct bytes *to = &p->ask.text;
    sqlite3_stmt *q =
        db_statement(&s->read, "SELECT code, choices FROM ballot WHERE room = " SQL_ROOM
                               " AND poll = ?2 ORDER BY code LIMIT ?3 OFFSET ?4");
    int rc;
    unsigned n = 0;
    bind_at(q, p->ask.room, p->poll);
    sqlite3_bind_int64(q, 3, (int64_t)p->limit + 1);
    sqlite3_bind_int64(q, 4, (int64_t)p->after);
    array_begin(to, NULL);
    while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
        if (n++ == p->limit) {
            p->more = true;
            continue;
        }
        if (!is_ballot(q, options)) {
            store_reject_row(s, p->ask.room, p->poll, "a ballot");
            continue;
        }
        object_begin(to, NULL);
        object_add_text(to, "code", db_text(q, 0));
        array_begin(to, "choices");
        bytes_add_text(to, db_text(q, 1));
        array_end(to);
        object_end(to);
    }
    array_end(to);
    db_reset(q);
    return to->failed ? SQLITE_NOMEM : rc;
}

int poll_answer_ballots(struct store *s, struct ask *ask)
{
    struct ask_ballots *p = (struct ask_ballots *)ask;
    struct ask_poll poll = {.seq = p->poll};
    bool whole = false;
    int rc = find_poll(&s->read, ask->room, &poll, &whole);
    ask->err = poll.ask.err;
    if (rc == SQLITE_ROW && !poll.closed)
        ask->err = ERR_FORBIDDEN;
    else if (rc == SQLITE_ROW && !whole) /* another node may have them */
        ask->err = ERR_UNAVAILABLE;
    return rc == SQLITE_ROW && ask->err == OK ? write_ballots(s, p, poll.options) : rc;
}

/* --- at start ------------------------------------------------------------------------------- */

static int load_poll(void *arg, sqlite3_stmt *q)
{
    const struct load *l = arg;
    const char *room = db_text(q, 0);
    int64_t seq = sqlite3_column_int64(q, 1), closes_ms = sqlite3_column_int64(q, 2);
    if (room_name_ok(room) && seq > 0 && seq <= SEQ_MAX && closes_ms > 0)
        return chat_add_poll(l->chat, room, (uint64_t)seq, closes_ms);
    store_reject_row(l->store, SERVER_LOG, (uint64_t)seq, "a poll");
    return OK;
}

enum err poll_load(struct store *s, struct chat *chat)
{
    return store_load_rows(s, "polls",
                           "SELECT name, seq, closes FROM poll JOIN room ON room.id = poll.room"
                           " WHERE closed IS NULL AND closes IS NOT NULL",
                           load_poll, &(struct load){s, chat});
}

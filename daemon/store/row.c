/* row.c - see row.h. */
#include "row.h"

#include "db.h"
#include "private.h"
#include "reject.h"
#include "sql.h"

#include "chat/base/item.h"
#include "chat/base/mention.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ROW_NOW = 5, ROW_HASH = 6, ROW_NOW_HASH = 7 };

static bool mentions_any(const struct event *e)
{
    return mention_begin(e->body, e->body_bytes) < e->body_bytes;
}

/* The hash is of the event as it was submitted. It is 0 where there was none, or where its words
 * are gone; and of a tally the store may keep the result as the body. Then the body must be a good
 * one. */
enum event_fault row_check(const struct event *stored, uint64_t hash)
{
    enum event_fault fault = event_check_numbers(stored);
    if (fault != FAULT_NONE)
        return fault;
    if (hash != 0 && hash == event_hash(stored)) /* which does not cover whom it mentions */
        return mentions_any(stored) ? event_check(stored) : FAULT_NONE;
    bool may_differ = hash == 0 || event_traits(stored->kind)->class == CLASS_TALLY;
    return may_differ ? event_check(stored) : FAULT_STORED;
}

/* `now` is what members see of a tally, and the patch of an item. */
static enum event_fault check_now(struct row *r, const char *now, uint64_t hash)
{
    switch (event_traits(r->e.kind)->class) {
    case CLASS_TALLY:
        r->e.body = now == NULL ? "" : now;
        r->e.body_bytes = strlen(r->e.body);
        return event_check(&r->e);
    case CLASS_ITEM:
        r->patch = now;
        if (now != NULL && hash != 0 && hash != item_patch_hash(now))
            return FAULT_STORED;
        return now == NULL || item_patch_ok(now) ? FAULT_NONE : FAULT_STORED;
    default: return FAULT_NONE;
    }
}

static enum event_fault read_row(sqlite3_stmt *q, const char *room, struct row *r)
{
    const char *now = db_is_null(q, ROW_NOW) ? NULL : db_text(q, ROW_NOW);
    *r = (struct row){.e = {.room = room,
                            .seq = (uint64_t)sqlite3_column_int64(q, 0),
                            .at_ms = sqlite3_column_int64(q, 1),
                            .kind = (enum event_kind)sqlite3_column_int(q, 2),
                            .of = (uint64_t)sqlite3_column_int64(q, 3),
                            .body = db_text(q, 4),
                            .body_bytes = (size_t)sqlite3_column_bytes(q, 4)}};
    enum event_fault fault = row_check(&r->e, (uint64_t)sqlite3_column_int64(q, ROW_HASH));
    return fault == FAULT_NONE ? check_now(r, now, (uint64_t)sqlite3_column_int64(q, ROW_NOW_HASH))
                               : fault;
}

static void make_gap(struct row *r, const char *room)
{
    bool dated = r->e.at_ms >= 0 && r->e.at_ms <= AT_MAX;
    int n = snprintf(r->gap, sizeof r->gap, "{\"after\":%" PRIu64 "}", r->e.seq - 1);
    r->e = (struct event){.room = room,
                          .seq = r->e.seq,
                          .at_ms = dated ? r->e.at_ms : 0,
                          .kind = EVENT_GAP,
                          .body = r->gap,
                          .body_bytes = (size_t)n};
    r->patch = NULL;
}

bool row_read(struct store *s, sqlite3_stmt *q, const char *room, uint64_t above, uint64_t below,
              struct row *out)
{
    enum event_fault fault = read_row(q, room, out);
    bool in_place = out->e.seq > above && out->e.seq < below && out->e.seq <= (uint64_t)SEQ_MAX;
    if (!in_place)
        fault = FAULT_NUMBER;
    if (fault == FAULT_NONE)
        return true;
    store_reject_row(s, room, out->e.seq, event_fault_words(fault));
    make_gap(out, room);
    return in_place;
}

/* --- the end of a log ----------------------------------------------------------------------- */

static bool is_good(const char *room, uint64_t seq, int64_t at_ms)
{
    struct event e = {.room = room, .seq = seq, .at_ms = at_ms, .kind = EVENT_GAP};
    return event_check_numbers(&e) == FAULT_NONE;
}

/* True: both are found. */
static bool take_end(struct store *s, const char *room, uint64_t seq, int64_t at_ms,
                     struct row_end *end)
{
    bool numbered = is_good(room, seq, 0), dated = is_good(room, 1, at_ms);
    if (!numbered || !dated)
        store_reject_row(s, room, seq, event_fault_words(FAULT_NUMBER));
    if (numbered && end->seq == 0)
        end->seq = seq;
    if (dated)
        end->at_ms = at_ms;
    return end->seq > 0 && dated;
}

int row_find_end(struct store *s, struct db *db, const char *room, struct row_end *out)
{
    struct row_end end = {0};
    sqlite3_stmt *q =
        db_statement(db, "SELECT seq, at FROM event WHERE room = " SQL_ROOM " ORDER BY seq DESC");
    int rc;
    db_bind_text(q, 1, room);
    while ((rc = sqlite3_step(q)) == SQLITE_ROW)
        if (take_end(s, room, (uint64_t)sqlite3_column_int64(q, 0), sqlite3_column_int64(q, 1),
                     &end))
            break;
    db_reset(q);
    *out = end;
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* row.c - see row.h. */
#include "row.h"

#include "db.h"
#include "reject.h"

#include "chat/base/item.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ROW_NOW = 5, ROW_HASH = 6 };

/* The hash is of the event as it was submitted. It is 0 where there was none, or where its words
 * are gone; and of a tally the store may keep the result as the body. Then the body must be a good
 * one. */
enum event_fault row_check(const struct event *stored, uint64_t hash)
{
    enum event_fault fault = event_check_numbers(stored);
    if (fault != FAULT_NONE || (hash != 0 && hash == event_hash(stored)))
        return fault;
    bool may_differ = hash == 0 || event_traits(stored->kind)->class == CLASS_TALLY;
    return may_differ ? event_check(stored) : FAULT_STORED;
}

/* `now` is what members see of a tally, and the patch of an item. */
static enum event_fault check_now(struct row *r, const char *now)
{
    switch (event_traits(r->e.kind)->class) {
    case CLASS_TALLY:
        r->e.body = now == NULL ? "" : now;
        r->e.body_bytes = strlen(r->e.body);
        return event_check(&r->e);
    case CLASS_ITEM:
        r->patch = now;
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
    return fault == FAULT_NONE ? check_now(r, now) : fault;
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
    bool in_place = out->e.seq > above && out->e.seq < below;
    if (!in_place)
        fault = FAULT_NUMBER;
    if (fault == FAULT_NONE)
        return true;
    store_reject_row(s, room, out->e.seq, event_fault_words(fault));
    make_gap(out, room);
    return in_place;
}

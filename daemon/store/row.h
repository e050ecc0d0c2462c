/* row.h - makes a struct event from a row of the table `event`, as members see it, and checks
 * whether the row is damaged. */
#ifndef STORE_ROW_H
#define STORE_ROW_H

#include "chat/base/body.h"

#include <sqlite3.h>

struct db;
struct store;

/* The first columns of a statement whose rows go to row_read(). */
#define ROW_COLUMNS "seq, at, kind, of, body, now, hash, now_hash"

struct row {
    struct event
        e; /* its strings are the room's name and the row's: borrowed until the next step */
    const char *patch; /* of an item (item.h); NULL: none */
    char gap[40];      /* the body of a gap */
};

/* A damaged row becomes a gap, which hides one event; it is counted and logged. False: its number
 * is not above `above` and below `below`, where it was looked for: there is nothing to show. */
bool row_read(struct store *s, sqlite3_stmt *q, const char *room, uint64_t above, uint64_t below,
              struct row *out);

/* Where a log ends. 0: it has no event. */
struct row_end {
    uint64_t seq;
    int64_t at_ms;
};

/* The newest number and the newest time that are good; damaged ones are counted and logged.
 * SQLite's code. On the thread of `db`. */
int row_find_end(struct store *s, struct db *db, const char *room, struct row_end *out);

/* For an event as it is stored: with the column `body`, and `hash` of its row. */
enum event_fault row_check(const struct event *stored, uint64_t hash);

#endif

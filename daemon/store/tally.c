/* tally.c - see tally.h. */
#include "tally.h"

#include "private.h"
#include "reject.h"

#include "chat/base/object.h"

#include <stdlib.h>

/* --- counts --------------------------------------------------------------------------------- */

void tally_read_counts(struct tally *t, const json_t *counts)
{
    for (size_t i = 0; i < t->options; i++)
        t->counts[i] = json_integer_value(json_array_get(counts, i));
}

/* A tally from elsewhere may count fewer votes than its ballots here. */
static void add(int64_t *count, int by) { *count = *count + by < 0 ? 0 : *count + by; }

void tally_write_counts(struct bytes *to, const char *name, const struct tally *t)
{
    array_begin(to, name);
    for (unsigned i = 0; i < t->options; i++)
        object_add_number(to, NULL, (uint64_t)t->counts[i]);
    array_end(to);
}

void tally_count(struct tally *t, const char *choices, int by)
{
    if (choices[0] == '\0')
        return;
    add(&t->voters, by);
    for (char *end; *choices != '\0'; choices = *end == ',' ? end + 1 : end) {
        unsigned long i = strtoul(choices, &end, 10);
        if (end == choices || i >= t->options)
            return;
        add(&t->counts[i], by);
    }
}

/* False: they are damaged. */
static bool read_counts(struct tally *t, const char *text)
{
    json_t *counts = json_loads(text, 0, NULL), *count;
    bool good = json_array_size(counts) == t->options;
    size_t i;
    json_array_foreach(counts, i, count) good &= json_is_integer(count) &&
                                                 json_integer_value(count) >= 0 &&
                                                 json_integer_value(count) <= SEQ_MAX;
    if (good)
        tally_read_counts(t, counts);
    json_decref(counts);
    return good;
}

static bool is_sound(struct tally *t, const char *counts)
{
    return t->options <= LIST_MAX && t->max <= LIST_MAX && t->voters >= 0 && t->voters <= SEQ_MAX &&
           read_counts(t, counts);
}

/* --- rows ----------------------------------------------------------------------------------- */

int tally_find(struct store *s, int64_t room, uint64_t poll, struct tally *t)
{
    sqlite3_stmt *q =
        db_statement(&s->write, "SELECT options, max, secret, live, closed, voters, counts, whole,"
                                " closes FROM poll WHERE room = ?1 AND seq = ?2");
    db_bind_place(q, room, poll);
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW) {
        *t = (struct tally){.options = (unsigned)sqlite3_column_int(q, 0),
                            .max = (unsigned)sqlite3_column_int(q, 1),
                            .secret = sqlite3_column_int(q, 2) != 0,
                            .live = sqlite3_column_int(q, 3) != 0,
                            .closed = !db_is_null(q, 4),
                            .voters = sqlite3_column_int64(q, 5),
                            .whole = sqlite3_column_int(q, 7) != 0,
                            .closes_ms = sqlite3_column_int64(q, 8)};
        if (!is_sound(t, db_text(q, 6))) {
            store_reject_row(s, SERVER_LOG, poll, "a poll");
            rc = SQLITE_MISMATCH;
        }
    }
    db_reset(q);
    return rc;
}

int tally_save(struct store *s, int64_t room, uint64_t poll, const struct tally *t)
{
    struct bytes counts = {0};
    tally_write_counts(&counts, NULL, t);
    sqlite3_stmt *q = db_statement(&s->write, "UPDATE poll SET voters = ?3, counts = ?4, whole = ?5"
                                              " WHERE room = ?1 AND seq = ?2");
    db_bind_place(q, room, poll);
    sqlite3_bind_int64(q, 3, t->voters);
    sqlite3_bind_text(q, 4, counts.at, (int)counts.size, SQLITE_STATIC);
    sqlite3_bind_int(q, 5, t->whole);
    int rc = counts.failed ? SQLITE_NOMEM : sqlite3_step(q);
    db_reset(q);
    bytes_finish(&counts);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* --- texts for members ---------------------------------------------------------------------- */

void tally_tell(struct bytes *to, const struct event *e, const struct tally *t, bool counts)
{
    object_begin(to, NULL);
    object_add_number(to, "poll", e->of);
    object_add_number(to, "voters", (uint64_t)t->voters);
    if (counts)
        tally_write_counts(to, "counts", t);
}

char *tally_told_take(struct bytes *b)
{
    object_end(b);
    bytes_add(b, "", 1);
    if (b->failed)
        bytes_finish(b);
    return b->at;
}

/* search_stream.c - see search_stream.h. */
#include "search_stream.h"

#include "private.h"
#include "row.h"
#include "search_item.h"
#include "search_rows.h"
#include "sql.h"

#include <stdlib.h>
#include <string.h>

#define WORK_ITEM 6 /* reading and folding one */
#define WORK_ROW  3 /* a list, and so many of its items: */
#define ROW_ITEMS 512
#define STEP      64 /* items at once */

/* --- one item ------------------------------------------------------------------------------- */

static bool is_from(const struct search_query *q, const struct search_item *i)
{
    return q->from.size == 0 ||
           (q->from.size == i->from.size && memcmp(q->from.at, i->from.at, i->from.size) == 0);
}

static bool has(const struct search_query *q, const struct search_item *i)
{
    switch (q->ask->has) {
    case SEARCH_PHOTO: return i->has_photo;
    case SEARCH_POLL: return i->is_poll;
    case SEARCH_LINK: return search_item_has_link(i);
    case SEARCH_ALL: break;
    }
    return true;
}

/* An answer before has had it. */
static bool is_told(const struct search_query *q, const struct search_stream *t, int64_t at_ms)
{
    const struct search_from *from = &q->ask->next;
    return from->seq > 0 && t->room != from->room &&
           (at_ms > from->at_ms || (at_ms == from->at_ms && t->room < from->room));
}

/* The row of an item: the stream goes on below it. */
static void look_at(struct search_query *q, struct search_stream *t, sqlite3_stmt *s)
{
    struct search_item item = {0};
    struct row row;
    q->work += WORK_ITEM;
    if (!row_read(q->store, s, t->name, 0, t->below, &row))
        return;
    t->below = row.e.seq;
    if (row.e.at_ms < t->at_ms)
        t->at_ms = row.e.at_ms;
    if (is_told(q, t, row.e.at_ms))
        return;
    search_item_read(&item, row.e.kind, row.e.body, row.e.body_bytes, row.patch);
    if (item.found && !item.text.failed && is_from(q, &item) && has(q, &item) &&
        words_match(&q->words, item.text.at, item.text.size))
        t->hit = row.e.seq;
    search_item_finish(&item);
}

/* --- the tail ------------------------------------------------------------------------------- */

static int go_on_in_tail(struct search_query *q, struct search_stream *t)
{
    sqlite3_stmt *s =
        db_statement(&q->store->read, "SELECT " ROW_COLUMNS " FROM event INDEXED BY event_item"
                                      " WHERE room = ?1 AND " SQL_IS_ITEM
                                      " AND seq < ?2 AND seq > ?3 ORDER BY seq DESC");
    int rc = SQLITE_ROW;
    db_bind_place(s, t->room, t->below);
    sqlite3_bind_int64(s, 3, (int64_t)t->indexed);
    for (int n = 0; n < STEP && t->hit == 0 && (rc = sqlite3_step(s)) == SQLITE_ROW; n++)
        look_at(q, t, s);
    db_reset(s);
    if (rc == SQLITE_DONE)
        t->below = t->indexed == 0 ? 0 : t->indexed + 1;
    return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : rc;
}

/* --- blocks --------------------------------------------------------------------------------- */

/* 0: there is no such event. */
static int read_time(struct search_query *q, sqlite3_stmt *s, int64_t *out)
{
    int rc = sqlite3_step(s);
    *out = rc == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
    db_reset(s);
    q->work++;
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Of the newest event below a number. */
static int time_below(struct search_query *q, int64_t room, uint64_t below, int64_t *out)
{
    sqlite3_stmt *s = db_statement(&q->store->read, "SELECT at FROM event WHERE room = ?1"
                                                    " AND seq < ?2 ORDER BY seq DESC LIMIT 1");
    db_bind_place(s, room, below);
    return read_time(q, s, out);
}

/* Of the oldest event from a number on. */
static int time_from(struct search_query *q, int64_t room, uint64_t from, int64_t *out)
{
    sqlite3_stmt *s = db_statement(&q->store->read, "SELECT at FROM event WHERE room = ?1"
                                                    " AND seq >= ?2 ORDER BY seq LIMIT 1");
    db_bind_place(s, room, from);
    return read_time(q, s, out);
}

/* The newest block that has something below t->below. SQLITE_ROW, or SQLITE_DONE. */
static int find_block(struct search_query *q, const struct search_stream *t,
                      struct search_block *out)
{
    sqlite3_stmt *s = db_statement(&q->store->read,
                                   "SELECT id, block, upto FROM search_block INDEXED BY search_room"
                                   " WHERE room = ?1 AND block BETWEEN 0 AND ?2 AND upto > 0"
                                   " ORDER BY block DESC LIMIT 1");
    db_bind_place(s, t->room, BLOCK_OF(t->below - 1));
    int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW)
        *out =
            (struct search_block){sqlite3_column_int64(s, 0), (uint64_t)sqlite3_column_int64(s, 1),
                                  (uint64_t)sqlite3_column_int64(s, 2)};
    db_reset(s);
    q->work++;
    return rc;
}

/* Goes to the next block. All of it may have been told. */
static int go_to_block(struct search_query *q, struct search_stream *t, struct search_block *out)
{
    int64_t oldest_ms;
    int rc;
    while ((rc = find_block(q, t, out)) == SQLITE_ROW) {
        if (t->below > out->upto + 1)
            t->below = out->upto + 1;
        rc = time_from(q, t->room, out->block << BLOCK_BITS, &oldest_ms);
        if (rc != SQLITE_OK || !is_told(q, t, oldest_ms))
            return rc == SQLITE_OK ? SQLITE_ROW : rc;
        t->below = out->block << BLOCK_BITS;
        if (t->below == 0)
            return SQLITE_DONE;
    }
    return rc;
}

/* The rarest gram of one block is first in the next one, so that few lists are read. */
static int read_block(struct search_query *q, struct search_stream *t, int64_t id)
{
    uint16_t *grams = (uint16_t *)(void *)q->grams.at;
    struct postings list;
    size_t rarest = SIZE_MAX;
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < q->grams.size / sizeof *grams; i++) {
        rc = search_row_read(&q->store->read, id, grams[i], &list);
        q->work += WORK_ROW + (unsigned)list.n / ROW_ITEMS;
        if (i == 0)
            *t->found = list;
        else
            postings_intersect(t->found, &list);
        if (list.n < rarest) {
            uint16_t first = grams[0];
            rarest = list.n;
            grams[0] = grams[i];
            grams[i] = first;
        }
        if (t->found->n == 0)
            break;
    }
    postings_cut(t->found, BLOCK_OF(t->below) == t->block ? PLACE_OF(t->below) : BLOCK_PLACES);
    return rc;
}

static int look_at_number(struct search_query *q, struct search_stream *t, uint64_t seq)
{
    sqlite3_stmt *s = db_statement(&q->store->read, "SELECT " ROW_COLUMNS " FROM event"
                                                    " WHERE room = ?1 AND seq = ?2");
    db_bind_place(s, t->room, seq);
    int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW)
        look_at(q, t, s);
    db_reset(s);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Knows then how new the next hit can be: another room's may be newer. */
static int leave_block(struct search_query *q, struct search_stream *t)
{
    int64_t at_ms;
    t->below = t->block << BLOCK_BITS;
    search_stream_finish(t);
    int rc = time_below(q, t->room, t->below, &at_ms);
    if (at_ms == 0)
        t->below = 0;
    else if (at_ms < t->at_ms)
        t->at_ms = at_ms;
    return rc;
}

static int go_on_in_block(struct search_query *q, struct search_stream *t)
{
    int rc = SQLITE_OK;
    for (int n = 0; rc == SQLITE_OK && t->hit == 0 && n < STEP && t->found->n > 0; n++)
        rc = look_at_number(q, t, t->block << BLOCK_BITS | t->found->at[--t->found->n]);
    return rc == SQLITE_OK && t->found->n == 0 && t->hit == 0 ? leave_block(q, t) : rc;
}

static int begin_block(struct search_query *q, struct search_stream *t)
{
    struct search_block block;
    int rc = go_to_block(q, t, &block);
    if (rc != SQLITE_ROW) {
        t->below = 0;
        return rc == SQLITE_DONE ? SQLITE_OK : rc;
    }
    if ((t->found = malloc(sizeof *t->found)) == NULL)
        return SQLITE_NOMEM;
    t->block = block.block;
    return read_block(q, t, block.id);
}

/* --- the stream ----------------------------------------------------------------------------- */

static int find_indexed(struct search_query *q, struct search_stream *t)
{
    sqlite3_stmt *s =
        db_statement(&q->store->read, "SELECT max(upto) FROM search_block INDEXED BY search_room"
                                      " WHERE room = ?1");
    sqlite3_bind_int64(s, 1, t->room);
    int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW && q->grams.size > 0)
        t->indexed = (uint64_t)sqlite3_column_int64(s, 0);
    db_reset(s);
    q->work++;
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int search_stream_begin(struct search_query *q, struct search_stream *t)
{
    const struct search_from *from = &q->ask->next;
    t->below = from->seq > 0 && from->room == t->room ? from->seq : (uint64_t)SEQ_MAX + 1;
    int rc = find_indexed(q, t);
    if (rc == SQLITE_OK)
        rc = time_below(q, t->room, t->below, &t->at_ms);
    if (from->seq > 0 && t->at_ms > from->at_ms)
        t->at_ms = from->at_ms;
    return rc;
}

int search_stream_go_on(struct search_query *q, struct search_stream *t)
{
    if (t->below > t->indexed + 1 || t->indexed == 0)
        return go_on_in_tail(q, t);
    return t->found == NULL ? begin_block(q, t) : go_on_in_block(q, t);
}

void search_stream_finish(struct search_stream *t)
{
    free(t->found);
    t->found = NULL;
}

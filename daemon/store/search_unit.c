/* search_unit.c - see search_unit.h. */
#include "search_unit.h"

#include "postings.h"
#include "private.h"
#include "row.h"
#include "schema.h"
#include "search_item.h"
#include "search_rows.h"
#include "sql.h"

#include "chat/base/gram.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define PAIRS_MAX ((size_t)2 << 20) /* in a unit: 8 MB */
#define STEP      256               /* items that are read at once: some milliseconds */
#define PAUSE_US  1000              /* between steps, so that others come in between */
#define NICE      10                /* a reader that answers goes first */

_Static_assert(GRAM_BITS + BLOCK_BITS <= 32, "a pair is one uint32_t");

/* --- which room ----------------------------------------------------------------------------- */

#define UPTO                                                                                       \
    "(SELECT coalesce(max(upto), 0) FROM search_block INDEXED BY search_room"                      \
    " WHERE search_block.room = room.id)"

/* SQLITE_ROW: this room has a tail. */
static int find_room(struct search *search, struct search_unit *u, char name[ROOM_NAME_MAX + 1])
{
    sqlite3_stmt *q = db_statement(
        &search->db, "SELECT id, name, upto FROM (SELECT id, name, " UPTO " AS upto FROM room"
                     " WHERE id >= ?1 AND id > 0) AS r WHERE EXISTS (SELECT 1 FROM event"
                     " INDEXED BY event_item WHERE room = r.id AND " SQL_IS_ITEM
                     " AND seq > r.upto) ORDER BY id LIMIT 1");
    sqlite3_bind_int64(q, 1, search->room);
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW) {
        u->room = sqlite3_column_int64(q, 0);
        snprintf(name, ROOM_NAME_MAX + 1, "%s", db_text(q, 1));
        u->above = (uint64_t)sqlite3_column_int64(q, 2);
    }
    db_reset(q);
    return rc;
}

/* --- its items ------------------------------------------------------------------------------ */

static void add_pairs(struct search_unit *u, uint64_t seq, const struct bytes *grams)
{
    const uint16_t *at = (const uint16_t *)(const void *)grams->at;
    for (size_t i = 0; i < grams->size / sizeof *at; i++) {
        uint32_t pair = (uint32_t)at[i] << BLOCK_BITS | PLACE_OF(seq);
        bytes_add(&u->pairs, &pair, sizeof pair);
    }
}

/* `grams` is the caller's, so that not every item needs memory. */
static void add_item(struct search_unit *u, const struct row *row, struct bytes *grams)
{
    struct search_item item;
    search_item_read(&item, row->e.kind, row->e.body, row->e.body_bytes, row->patch);
    grams->size = 0;
    if (item.found) {
        search_item_add_grams(&item, grams);
        gram_sort(grams);
        add_pairs(u, row->e.seq, grams);
    }
    u->items++;
    u->upto = row->e.seq;
    u->pairs.failed |= item.text.failed | grams->failed;
    search_item_finish(&item);
}

static bool is_whole(const struct search_unit *u, uint64_t seq)
{
    return (u->items > 0 && BLOCK_OF(seq) != BLOCK_OF(u->upto)) ||
           u->pairs.size >= PAIRS_MAX * sizeof(uint32_t);
}

/* The next STEP items. SQLITE_ROW: there are more, and the unit has place. */
static int read_step(struct search *search, struct search_unit *u, const char *name,
                     struct bytes *grams, bool *whole_out)
{
    struct row row;
    sqlite3_stmt *q = db_statement(&search->db, "SELECT " ROW_COLUMNS
                                                " FROM event INDEXED BY event_item WHERE room = ?1"
                                                " AND " SQL_IS_ITEM " AND seq > ?2 ORDER BY seq");
    const uint64_t above = u->upto > 0 ? u->upto : u->above;
    const size_t most = u->items + STEP;
    int rc = SQLITE_ROW;
    db_bind_place(q, u->room, above);
    while (u->items < most && !*whole_out && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        uint64_t before = u->upto > 0 ? u->upto : above;
        if (!row_read(search->store, q, name, before, UINT64_MAX, &row))
            continue;
        *whole_out = is_whole(u, row.e.seq);
        if (!*whole_out)
            add_item(u, &row, grams);
    }
    db_reset(q);
    return rc;
}

/* In steps: while somebody reads, the write-ahead log only grows. What changes between them is
 * noted. Ends with the block, or when it has enough. */
static int read_items(struct search *search, struct search_unit *u, const char *name)
{
    struct bytes grams = {0};
    bool whole = false;
    int rc;
    while ((rc = read_step(search, u, name, &grams, &whole)) == SQLITE_ROW && !whole)
        usleep(PAUSE_US);
    u->is_last = rc == SQLITE_DONE;
    bytes_finish(&grams);
    return u->pairs.failed ? SQLITE_NOMEM : rc;
}

static int by_pair(const void *a, const void *b)
{
    uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;
    return one < other ? -1 : one > other;
}

/* --- what waits ----------------------------------------------------------------------------- */

static int count(struct search *search)
{
    sqlite3_stmt *q =
        db_statement(&search->db, "SELECT sum((SELECT count(*) FROM event INDEXED BY event_item"
                                  " WHERE room = room.id AND " SQL_IS_ITEM " AND seq > " UPTO
                                  ")) FROM room WHERE id > 0");
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW)
        atomic_store(&search->waiting, sqlite3_column_int64(q, 0));
    search->counted = rc == SQLITE_ROW;
    db_reset(q);
    return rc;
}

/* The writer's count goes wrong now and then: by what was rolled back. */
static int begin_again(struct search *search)
{
    search->room = 0;
    int rc = count(search);
    return rc == SQLITE_ROW ? SQLITE_DONE : rc;
}

static int open_db(struct search *search)
{
    if (search->db.handle != NULL)
        return SQLITE_OK;
    setpriority(PRIO_PROCESS, 0, NICE); /* of this thread; not allowed: as it is */
    return schema_open(search->store, &search->db, DB_READER);
}

int search_unit_read(struct search *search, struct search_unit *u)
{
    char name[ROOM_NAME_MAX + 1];
    int rc = open_db(search);
    if (rc == SQLITE_OK && !search->counted)
        rc = count(search);
    if (rc == SQLITE_OK || rc == SQLITE_ROW)
        rc = find_room(search, u, name);
    bool none = rc == SQLITE_DONE;
    if (rc == SQLITE_ROW)
        rc = read_items(search, u, name);
    else if (none)
        rc = begin_again(search);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        db_close(&search->db);
        return rc;
    }
    if (none)
        return SQLITE_DONE;
    if (u->pairs.size > 0)
        qsort(u->pairs.at, u->pairs.size / sizeof(uint32_t), sizeof(uint32_t), by_pair);
    search->room = u->is_last ? u->room + 1 : u->room;
    return SQLITE_ROW;
}

void search_unit_finish(struct search_unit *u)
{
    bytes_finish(&u->pairs);
    *u = (struct search_unit){0};
}

/* search_slice.c - see search_slice.h. */
#include "search_slice.h"

#include "private.h"
#include "search_rows.h"

#include "chat/base/fold.h"

#include <stdio.h>
#include <string.h>
#include <unicode/uversion.h>

#define SLICE_WORK 400u /* a row, or the reading and writing of WORK_BYTES */
#define WORK_BYTES 512u

/* --- the version ---------------------------------------------------------------------------- */

/* Other tables of Unicode may fold a text in another way. */
static void version_of_index(char *to, size_t size)
{
    snprintf(to, size, "%d, ICU %s", FOLD_VERSION, U_ICU_VERSION);
}

static int read_version(struct store *s, char *to, size_t size)
{
    sqlite3_stmt *q = db_statement(&s->write, "SELECT value FROM meta WHERE name = 'search'");
    int rc = sqlite3_step(q);
    snprintf(to, size, "%s", rc == SQLITE_ROW ? db_text(q, 0) : "");
    db_reset(q);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int set_version(struct store *s, const char *version)
{
    sqlite3_stmt *q = db_statement(&s->write, "INSERT OR REPLACE INTO meta VALUES('search', ?1)");
    db_bind_text(q, 1, version);
    return db_run(q);
}

static int check_version(struct store *s)
{
    char now[40], before[40];
    version_of_index(now, sizeof now);
    int rc = read_version(s, before, sizeof before);
    if (rc != SQLITE_OK || strcmp(now, before) == 0)
        return rc;
    rc = db_run(db_statement(&s->write, "UPDATE search_block SET upto = 0"));
    return rc == SQLITE_OK ? set_version(s, now) : rc;
}

int search_slice_open(struct store *s)
{
    struct search *search = s->search;
    search->changed.size = 0;
    search->changed.failed = false;
    search->dropped = false;
    search->noting = true;
    return check_version(s);
}

/* --- items that have changed since the unit was read ----------------------------------------- */

static bool is_in(const struct search_unit *u, const struct search_place *p)
{
    return p->room == u->room && p->seq > u->above && p->seq <= u->upto;
}

#define each_change(p, search)                                                                     \
    for (const struct search_place *p = (const void *)(search)->changed.at,                        \
                                   *end_ = p + (search)->changed.size / sizeof *p;                 \
         p != end_; p++)

/* A bit for each place of the block. */
struct places {
    uint8_t at[BLOCK_PLACES / 8];
};

static struct places find_changed(const struct search *search, const struct search_unit *u)
{
    struct places set = {0};
    if (search->changed.size > 0)
        each_change(p, search) if (is_in(u, p)) set.at[PLACE_OF(p->seq) / 8] |=
            (uint8_t)(1u << PLACE_OF(p->seq) % 8);
    return set;
}

static int add_changed(struct store *s, const struct search_unit *u)
{
    int rc = SQLITE_OK;
    if (s->search->changed.size > 0)
        each_change(p, s->search) if (rc == SQLITE_OK && is_in(u, p)) rc =
            search_add_item(s, p->room, p->seq);
    return rc;
}

/* --- rows ----------------------------------------------------------------------------------- */

struct slice {
    struct store *store;
    const struct search_unit *u;
    int64_t block_id;
    bool fresh; /* the block has nothing yet */
    struct places changed;
    unsigned work;
};

/* The block of the unit, a new one if there is none. */
static int find_block(struct slice *l)
{
    struct search_block block = {0};
    struct db *db = &l->store->write;
    int rc = search_block_find(db, l->u->room, l->u->upto, &block);
    l->block_id = block.id;
    l->fresh = block.upto == 0;
    if (rc != SQLITE_DONE)
        return rc == SQLITE_ROW ? SQLITE_OK : rc;
    sqlite3_stmt *q =
        db_statement(db, "INSERT INTO search_block(room, block, upto) VALUES(?1, ?2, 0)");
    db_bind_place(q, l->u->room, BLOCK_OF(l->u->upto));
    rc = db_run(q);
    l->block_id = sqlite3_last_insert_rowid(db->handle);
    return rc;
}

/* A unit that was begun before may have left items beyond. */
static int begin_row(struct slice *l, uint16_t gram, struct postings *p)
{
    p->n = 0;
    if (l->fresh)
        return SQLITE_OK;
    int rc = search_row_read(&l->store->write, l->block_id, gram, p);
    postings_cut(p, BLOCK_OF(l->u->above) == BLOCK_OF(l->u->upto) ? PLACE_OF(l->u->above) + 1u : 0);
    return rc;
}

/* Writes the row of the pairs from `from` to `to`. */
static int write_row(struct slice *l, const uint32_t *from, const uint32_t *to)
{
    struct postings p;
    const uint16_t gram = (uint16_t)(*from >> BLOCK_BITS);
    int rc = begin_row(l, gram, &p);
    for (; from != to; from++) {
        uint16_t place = PLACE_OF(*from);
        if ((l->changed.at[place / 8] & 1u << place % 8) == 0)
            p.at[p.n++] = place;
    }
    l->work += 1 + (unsigned)p.n / WORK_BYTES;
    return rc == SQLITE_OK ? search_row_write(&l->store->write, l->block_id, gram, &p) : rc;
}

/* Grams between `first` and the next one have no row any more. */
static int clear_between(struct slice *l, uint32_t first, uint32_t next)
{
    return l->fresh && first < next ? search_rows_clear(&l->store->write, l->block_id,
                                                        (uint16_t)first, (uint16_t)(next - 1))
                                    : SQLITE_OK;
}

static int write_rows(struct slice *l, size_t *at)
{
    const uint32_t *pairs = (const uint32_t *)(const void *)l->u->pairs.at;
    const size_t n = l->u->pairs.size / sizeof *pairs;
    uint32_t next = *at == 0 ? 0 : (pairs[*at - 1] >> BLOCK_BITS) + 1;
    size_t i = *at, end;
    int rc = SQLITE_OK;
    for (; rc == SQLITE_OK && i < n && l->work < SLICE_WORK; i = end) {
        uint32_t gram = pairs[i] >> BLOCK_BITS;
        for (end = i; end < n && pairs[end] >> BLOCK_BITS == gram; end++)
            ;
        rc = clear_between(l, next, gram);
        next = gram + 1;
        if (rc == SQLITE_OK)
            rc = write_row(l, pairs + i, pairs + end);
    }
    if (rc == SQLITE_OK && i == n)
        rc = clear_between(l, next, 1u << GRAM_BITS);
    *at = i;
    return rc;
}

static int end_unit(struct slice *l)
{
    sqlite3_stmt *q =
        db_statement(&l->store->write, "UPDATE search_block SET upto = ?2 WHERE id = ?1");
    db_bind_place(q, l->block_id, l->u->upto);
    int rc = db_run(q);
    l->store->search->ending = true;
    return rc == SQLITE_OK ? add_changed(l->store, l->u) : rc;
}

int search_slice_write(struct store *s, const struct search_unit *u, size_t from, size_t *to_out,
                       bool *void_out)
{
    struct search *search = s->search;
    struct slice l = {.store = s, .u = u, .changed = find_changed(search, u)};
    *void_out = search->dropped;
    *to_out = from;
    if (search->dropped || search->changed.failed)
        return search->dropped ? SQLITE_OK : SQLITE_NOMEM;
    int rc = find_block(&l);
    if (rc == SQLITE_OK)
        rc = write_rows(&l, to_out);
    if (rc == SQLITE_OK && *to_out == u->pairs.size / sizeof(uint32_t))
        rc = end_unit(&l);
    return rc;
}

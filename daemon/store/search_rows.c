/* search_rows.c - see search_rows.h. */
#include "search_rows.h"

/* The key of a list: its block and its gram in one number, so that a row has no key besides it. */
static int64_t row_id(int64_t block_id, uint16_t gram) { return block_id << GRAM_BITS | gram; }

int search_block_find(struct db *db, int64_t room, uint64_t seq, struct search_block *out)
{
    sqlite3_stmt *q =
        db_statement(db, "SELECT id, upto FROM search_block WHERE room = ?1 AND block = ?2");
    db_bind_place(q, room, BLOCK_OF(seq));
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW)
        *out = (struct search_block){.id = sqlite3_column_int64(q, 0),
                                     .block = BLOCK_OF(seq),
                                     .upto = (uint64_t)sqlite3_column_int64(q, 1)};
    db_reset(q);
    return rc;
}

int search_row_read(struct db *db, int64_t block_id, uint16_t gram, struct postings *out)
{
    sqlite3_stmt *q = db_statement(db, "SELECT items FROM search_gram WHERE id = ?1");
    out->n = 0;
    sqlite3_bind_int64(q, 1, row_id(block_id, gram));
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW) {
        const void *items = sqlite3_column_blob(q, 0);
        postings_read(out, items, (size_t)sqlite3_column_bytes(q, 0));
    }
    db_reset(q);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int search_row_write(struct db *db, int64_t block_id, uint16_t gram, const struct postings *p)
{
    uint8_t items[POSTINGS_BYTES_MAX];
    if (p->n == 0)
        return search_rows_clear(db, block_id, gram, gram);
    sqlite3_stmt *q =
        db_statement(db, "INSERT OR REPLACE INTO search_gram(id, items) VALUES(?1, ?2)");
    sqlite3_bind_int64(q, 1, row_id(block_id, gram));
    sqlite3_bind_blob(q, 2, items, (int)postings_write(p, items), SQLITE_STATIC);
    return db_run(q);
}

static int set(struct db *db, int64_t block_id, uint16_t place, uint16_t gram, bool on)
{
    struct postings p;
    int rc = search_row_read(db, block_id, gram, &p);
    if (rc == SQLITE_OK && (on ? postings_add(&p, place) : postings_remove(&p, place)))
        rc = search_row_write(db, block_id, gram, &p);
    return rc;
}

int search_rows_set(struct db *db, int64_t block_id, uint16_t place, const struct bytes *grams,
                    bool on)
{
    const uint16_t *at = (const uint16_t *)(const void *)grams->at;
    int rc = grams->failed ? SQLITE_NOMEM : SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < grams->size / sizeof *at; i++)
        rc = set(db, block_id, place, at[i], on);
    return rc;
}

int search_rows_clear(struct db *db, int64_t block_id, uint16_t first, uint16_t last)
{
    sqlite3_stmt *q = db_statement(db, "DELETE FROM search_gram WHERE id BETWEEN ?1 AND ?2");
    sqlite3_bind_int64(q, 1, row_id(block_id, first));
    sqlite3_bind_int64(q, 2, row_id(block_id, last));
    return db_run(q);
}

int search_rows_remove(struct db *db, int64_t block_id, int64_t most)
{
    sqlite3_stmt *q = db_statement(db, "DELETE FROM search_gram WHERE id IN (SELECT id FROM"
                                       " search_gram WHERE id BETWEEN ?1 AND ?2 LIMIT ?3)");
    sqlite3_bind_int64(q, 1, row_id(block_id, 0));
    sqlite3_bind_int64(q, 2, row_id(block_id, UINT16_MAX));
    sqlite3_bind_int64(q, 3, most);
    return db_run(q);
}

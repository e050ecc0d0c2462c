/* search_rows.h - the rows of the index: blocks of rooms, and the lists of their grams. On the
 * thread of `db`. Functions return SQLite's code. */
#ifndef STORE_SEARCH_ROWS_H
#define STORE_SEARCH_ROWS_H

#include "db.h"
#include "postings.h"

#include "chat/base/gram.h"

#define BLOCK_OF(seq) ((seq) >> BLOCK_BITS)
#define PLACE_OF(seq) ((uint16_t)((seq) & (BLOCK_PLACES - 1)))

struct search_block {
    int64_t id;
    uint64_t block; /* BLOCK_OF() its numbers */
    uint64_t upto;  /* the greatest number that is indexed; 0: none */
};

/* The block of a number. SQLITE_ROW; SQLITE_DONE: there is none. */
int search_block_find(struct db *db, int64_t room, uint64_t seq, struct search_block *out);
/* The list of a gram; without a row it is empty. SQLITE_OK. */
int search_row_read(struct db *db, int64_t block_id, uint16_t gram, struct postings *out);
/* An empty list has no row. */
int search_row_write(struct db *db, int64_t block_id, uint16_t gram, const struct postings *p);
/* Takes an item into the lists of its grams (uint16_t, sorted), or (not `on`) out of them. */
int search_rows_set(struct db *db, int64_t block_id, uint16_t place, const struct bytes *grams,
                    bool on);
/* Removes the rows of the grams from `first` to `last`. */
int search_rows_clear(struct db *db, int64_t block_id, uint16_t first, uint16_t last);
/* Removes `most` rows of a block. */
int search_rows_remove(struct db *db, int64_t block_id, int64_t most);

#endif

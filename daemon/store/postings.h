/* postings.h - the items that have a gram, as a row of the index keeps them: their places in a
 * block of numbers, in order, each as its distance from the one before. Pure. */
#ifndef STORE_POSTINGS_H
#define STORE_POSTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOCK_BITS   14
#define BLOCK_PLACES (1u << BLOCK_BITS)

struct postings {
    size_t n;
    uint16_t at[BLOCK_PLACES]; /* growing, below BLOCK_PLACES */
};

#define POSTINGS_BYTES_MAX (2 * BLOCK_PLACES)

/* Reads what postings_write() wrote; of anything else, as much as can be a list. */
void postings_read(struct postings *p, const void *from, size_t size);
/* Returns the number of bytes: one for a place close to the one before, else two. */
size_t postings_write(const struct postings *p, uint8_t to[POSTINGS_BYTES_MAX]);

/* Each returns whether the list has changed. */
bool postings_add(struct postings *p, uint16_t place);
bool postings_remove(struct postings *p, uint16_t place);
/* Leaves those below `place`. */
void postings_cut(struct postings *p, uint32_t place);
/* Leaves those that `other` has, too. */
void postings_intersect(struct postings *p, const struct postings *other);

#endif

/* search_slice.h - writes a unit (search.h) into the index, slice by slice. Writer's thread, inside
 * a transaction. SQLite's code. */
#ifndef STORE_SEARCH_SLICE_H
#define STORE_SEARCH_SLICE_H

#include "search.h"

/* From here on the changes of items are noted, until the unit is written. The first time, if the
 * index is of another version, it is void: all is made again. */
int search_slice_open(struct store *s);
/* Writes the pairs from `from` on, as many as take about a millisecond; *to_out: where the next
 * slice begins. The last one ends the unit. *void_out: the unit is void, and nothing is written. */
int search_slice_write(struct store *s, const struct search_unit *u, size_t from, size_t *to_out,
                       bool *void_out);

#endif

/* search_unit.h - reads the items of a unit (search.h). On the thread of search->db. */
#ifndef STORE_SEARCH_UNIT_H
#define STORE_SEARCH_UNIT_H

#include "search.h"

/* Opens search->db if need be. SQLITE_ROW: fills in the unit, which was empty. SQLITE_DONE: no room
 * from search->room on has a tail; the next call begins again with the first room. Else SQLite's
 * code, and the connection is closed. */
int search_unit_read(struct search *search, struct search_unit *u);
void search_unit_finish(struct search_unit *u);

#endif

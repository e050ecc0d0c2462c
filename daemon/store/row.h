/* row.h - makes a struct event from a row of the table `event`, as members see it. */
#ifndef STORE_ROW_H
#define STORE_ROW_H

#include "chat/base/event.h"

#include <sqlite3.h>

/* The first columns of a statement whose rows go to row_event(). */
#define ROW_COLUMNS "seq, at, kind, of, body, now"
enum { ROW_NOW = 5 }; /* the column `now`; of an item it is a patch (item.h) */

/* Its strings are `room` and the row's: borrowed until the next step. */
struct event row_event(sqlite3_stmt *q, const char *room);

#endif

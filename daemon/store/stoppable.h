/* stoppable.h - a way for SQLite to its files whose reads fail once a flag is set. A quick_check
 * walks a whole tree in one step, which sqlite3_interrupt() does not end before SQLite 3.41. */
#ifndef STORE_STOPPABLE_H
#define STORE_STOPPABLE_H

#include <sqlite3.h>
#include <stdatomic.h>

#define STOPPABLE_NAME "chatd-stoppable"

struct stoppable {
    sqlite3_vfs vfs; /* first */
    sqlite3_vfs *own;
    const atomic_bool *stop;
};

/* Connections may name STOPPABLE_NAME from here on. SQLite's code. Borrows `stop`. */
int stoppable_begin(struct stoppable *s, const atomic_bool *stop);
/* After they are closed. */
void stoppable_end(struct stoppable *s);

#endif

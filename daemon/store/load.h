/* load.h - reads rows at start, before the first job. Loop thread. */
#ifndef STORE_LOAD_H
#define STORE_LOAD_H

#include "chat/base/err.h"

#include <sqlite3.h>

struct chat;
struct store;

/* For a feature's load(): the `arg` of its rows. */
struct load {
    struct store *store;
    struct chat *chat;
};

/* Calls `row` for every row until it returns something else than SQLITE_OK. Returns that if it is
 * an enum err; ERR_UNAVAILABLE, after a line in the log, for SQLite's code. `what` is read. */
enum err store_load_rows(struct store *s, const char *what, const char *sql,
                         int (*row)(void *arg, sqlite3_stmt *q), void *arg);

#endif

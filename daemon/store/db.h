/* db.h - one SQLite connection to the store's file: opened, migrated, with its statements prepared.
 * Used by: store*.c. A connection belongs to one thread at a time. */
#ifndef DB_H
#define DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#define DB_STATEMENTS_MAX 128  /* a power of two; half of it is used */
#define DB_BUSY_MS        2000 /* the other connection never holds its lock for long */

struct db {
    sqlite3 *handle;
    struct db_statement {
        const char *sql; /* NULL: free */
        sqlite3_stmt *prepared;
    } statements[DB_STATEMENTS_MAX]; /* a hash table, by the address of `sql` */
};

/* DB_FROZEN reads a file that nobody writes, where SQLite could keep no lock. */
enum db_use { DB_WRITER, DB_READER, DB_FROZEN };

/* SQLITE_OK, or SQLite's code. A writer creates the file and brings the schema up to date;
 * the others want it to be so. db_close() in any case. */
int db_open(struct db *db, const char *path, enum db_use use, bool sync_full);
void db_close(struct db *db);

/* The statement of this text, prepared at its first use and then reused. `sql` is a literal: the
 * connection keeps its address, by which it finds the statement again. The same text at another
 * address is another statement. Bind, step, then db_reset(). NULL: it cannot be prepared. */
sqlite3_stmt *db_statement(struct db *db, const char *sql);
void db_reset(sqlite3_stmt *s);
/* Steps one that gives no rows, and resets it. SQLite's code: SQLITE_OK if it is done. */
int db_run(sqlite3_stmt *s);

int db_exec(struct db *db, const char *sql);

/* A text of a row, "" for NULL; lives until the next step. */
const char *db_text(sqlite3_stmt *s, int column);

#endif

/* db.h - one SQLite connection to the store's file, and its prepared statements. A connection
 * belongs to one thread at a time. */
#ifndef DB_H
#define DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DB_STATEMENTS_MAX 128  /* about half of them are used */
#define DB_BUSY_MS        2000 /* the other connection never holds its lock for long */

struct db {
    sqlite3 *handle;
    struct db_statement {
        const char *sql; /* NULL: free */
        sqlite3_stmt *prepared;
    } statements[DB_STATEMENTS_MAX]; /* a hash table, by the address of `sql` */
};

/* DB_FROZEN reads a file that nobody writes, in a place where SQLite cannot keep a lock. DB_CHECKER
 * is a reader whose reads can be made to fail (stoppable.h). */
enum db_use { DB_WRITER, DB_READER, DB_FROZEN, DB_CHECKER };

/* SQLite's code. A writer creates the file. Call db_close() in any case. */
int db_open(struct db *db, const char *path, enum db_use use, bool sync_full);
void db_close(struct db *db);

/* The statement of this text, prepared at its first use and then reused. `sql` is a literal: the
 * connection keeps its address and finds the statement by it. The same text at another address is
 * another statement. Bind, step, then db_reset(). NULL: SQLite cannot prepare it. */
sqlite3_stmt *db_statement(struct db *db, const char *sql);
void db_reset(sqlite3_stmt *s);
/* Steps a statement that has no rows, and resets it. SQLite's code; SQLITE_OK: it is done. */
int db_run(sqlite3_stmt *s);

int db_exec(struct db *db, const char *sql);
/* Calls `row` for every row, until it returns something else than SQLITE_OK. SQLite's code, or
 * that of `row`. */
int db_each(struct db *db, const char *sql, int (*row)(void *arg, sqlite3_stmt *q), void *arg);

/* The text of a column, "" for NULL. Borrowed until the next step. */
const char *db_text(sqlite3_stmt *s, int column);
/* Whether the column is text that may go to members: UTF-8, without a NUL, at most `most` bytes. */
bool db_text_ok(sqlite3_stmt *s, int column, size_t most);
bool db_is_null(sqlite3_stmt *s, int column);
/* Binds NULL for NULL. The statement borrows `text` until its reset. */
void db_bind_text(sqlite3_stmt *s, int parameter, const char *text);
/* The same, but "" for NULL. */
void db_bind_string(sqlite3_stmt *s, int parameter, const char *text);
/* Binds parameters 1 and 2: where an item, a poll or a standing is. */
void db_bind_place(sqlite3_stmt *s, int64_t room, uint64_t number);

#endif

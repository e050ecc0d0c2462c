/* wal.h - the write-ahead log (SQLite's -wal): how long it is, and that deleted text leaves it.
 * Writer's thread, except where a function says otherwise. */
#ifndef STORE_WAL_H
#define STORE_WAL_H

#include <stddef.h>
#include <stdint.h>

struct store;

/* Once for each connection that writes. From now on commits are counted, and write the log back to
 * the file when it is long. */
void wal_watch(struct store *s);
/* Empties the log, if it still holds deleted text and no other program reads it. Otherwise the next
 * call tries again. */
void wal_scrub(struct store *s);
/* The same, but not after each batch of a crowd of polls that end. */
void wal_scrub_if_due(struct store *s);
/* Before the connection is closed: a line if deleted text stays behind. */
void wal_end(struct store *s);
/* Bytes of the log at the last commit; 0 after it was emptied. Any thread. */
uint64_t wal_bytes(const struct store *s);

#endif

/* open.h - the state directory, its lock, and the two connections: at start, and again when a
 * read-only place may have become writable. */
#ifndef STORE_OPEN_H
#define STORE_OPEN_H

struct store;

/* 0, or -1 after logging why. A place that can only be read is a fault of the store, no failure. */
int store_open(struct store *s, const char *state);
/* Writer's thread: opens both connections again. SQLite's code: whether the file can be written. */
int store_reopen(struct store *s);

#endif

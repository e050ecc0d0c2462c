/* tally.h - how a poll stands. Writer's thread. */
#ifndef STORE_TALLY_H
#define STORE_TALLY_H

#include "chat/base/bytes.h"
#include "chat/base/event.h"
#include "chat/base/json.h"

struct store;

struct tally {
    unsigned options, max;
    bool secret, live, closed;
    bool whole;        /* every ballot is here */
    int64_t closes_ms; /* wall clock; 0: never by itself */
    int64_t voters, counts[LIST_MAX];
};

/* SQLITE_ROW; SQLITE_DONE: there is no such poll. SQLITE_MISMATCH: the row is damaged. */
int tally_find(struct store *s, int64_t room, uint64_t poll, struct tally *t);
int tally_save(struct store *s, int64_t room, uint64_t poll, const struct tally *t);

/* Adds (`by` 1) or removes (-1) a voter with these choices ("0,2"; "" is nobody). */
void tally_count(struct tally *t, const char *choices, int by);
void tally_read_counts(struct tally *t, const json_t *counts);
/* A member of an object (object.h), or with NULL an array by itself. */
void tally_write_counts(struct bytes *to, const char *name, const struct tally *t);

/* Begins the text that members see of a vote or an end: {"poll":…,"voters":…,"counts":… Add the
 * rest with object.h, then call tally_told_take(). */
void tally_tell(struct bytes *to, const struct event *e, const struct tally *t, bool counts);
/* Ends the object and takes it: new, or NULL without memory. */
char *tally_told_take(struct bytes *b);

#endif

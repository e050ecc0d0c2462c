/* search_stream.h - what a search finds in one room, newest first. Reader's thread. */
#ifndef STORE_SEARCH_STREAM_H
#define STORE_SEARCH_STREAM_H

#include "chat/base/heap.h"
#include "chat/base/words.h"
#include "chat/model/ask.h"
#include "postings.h"

struct store;

/* What is looked for, in all rooms. */
struct search_query {
    struct store *store;
    const struct ask_search *ask;
    struct words words;
    struct bytes from;  /* folded; nothing: anybody's */
    struct bytes grams; /* uint16_t; nothing: the index does not help */
    unsigned work;      /* done so far: some microseconds each */
};

struct search_stream {
    struct heap_link in_rooms; /* key: -at_ms; group: the room */
    int64_t room;
    char name[ROOM_NAME_MAX + 1];
    uint64_t below;   /* what it has not looked at has a lower number; 0: nothing is left */
    int64_t at_ms;    /* and is not newer */
    uint64_t indexed; /* numbers up to this one are in the index */
    uint64_t hit;     /* found, and not taken yet; 0: none */
    /* the items of a block that have all grams */
    uint64_t block;
    struct postings *found; /* NULL: it has not looked into a block */
};

/* The stream begins behind ask->next. SQLite's code. */
int search_stream_begin(struct search_query *q, struct search_stream *t);
/* Looks on, until it has a hit, or knows better how new the next one can be, or nothing is left.
 * SQLite's code. */
int search_stream_go_on(struct search_query *q, struct search_stream *t);
void search_stream_finish(struct search_stream *t);

#endif

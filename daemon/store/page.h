/* page.h - a page of a room's history, to whose items the features add members. */
#ifndef STORE_PAGE_H
#define STORE_PAGE_H

#include "feature.h"

/* For a feature's `fold`. */
struct page {
    const char *room;
    uint64_t identity;       /* that sees the page; 0: nobody in particular */
    uint64_t oldest, newest; /* seq of the items at its ends; 0 without items */
    /* page.c only */
    struct page_item *items; /* newest first */
    size_t n;
    size_t from_here; /* how many of them the page has from its `after` or `around` on */
    bool more, newer; /* older ones exist; newer ones exist */
};

/* Where to add members (object.h) that the item `seq` has besides those of its event, or in place
 * of them. NULL: the item is not on the page. Borrowed until the fold returns. */
struct bytes *page_patch(struct page *p, uint64_t seq);
/* The same for members that the event lacks, and that are sound: they are not parsed again, which
 * is what a long list needs. */
struct bytes *page_more(struct page *p, uint64_t seq);

/* Adds item `seq` of the room, as `identity` may see it, to an array. SQLITE_DONE, also if `to` is
 * long already, or the item is missing here; or SQLite's code. */
int page_add_item(struct store *s, struct bytes *to, const char *room, uint64_t identity,
                  uint64_t seq);

/* A row of a feature is damaged: the item becomes a gap, which is counted and logged. `what`: a
 * static string. */
void page_damaged(struct page *p, uint64_t seq, const char *what);

feature_answer_fn store_answer_page;

#endif

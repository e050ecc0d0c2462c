/* search_item.h - what of an item a search looks at. Any thread. */
#ifndef STORE_SEARCH_ITEM_H
#define STORE_SEARCH_ITEM_H

#include "chat/base/bytes.h"
#include "chat/base/event.h"

struct search_item {
    bool found;        /* false: a gap, deleted, or damaged; nothing finds it */
    struct bytes text; /* folded, FOLD_EDGE between what is not one text */
    struct bytes from; /* the author's nick, folded */
    bool has_photo, is_poll;
};

/* `patch` as in item.h. Finish it. A failed allocation sets text.failed. */
void search_item_read(struct search_item *i, enum event_kind kind, const char *body, size_t n,
                      const char *patch);
void search_item_finish(struct search_item *i);
/* Whether the text has the address of a page. */
bool search_item_has_link(const struct search_item *i);
/* Appends its grams, some of them more than once. */
void search_item_add_grams(const struct search_item *i, struct bytes *to);

#endif

/* heap.h - a binary heap through the structs themselves: what is due first, without looking at the
 * rest. Pure, any thread.
 *
 * A link that is in no heap is all zero, so that heap_remove() may be called twice. */
#ifndef CHAT_HEAP_H
#define CHAT_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap_link {
    int64_t key;
    uint64_t group; /* links with one key come group by group */
    size_t place;   /* from 1; 0: in no heap */
};

/* All zero is an empty heap. */
struct heap {
    struct heap_link **at;
    size_t count, capacity;
};

/* Frees the heap's own memory, not the structs. */
void heap_finish(struct heap *h);
/* Adds the link, which is in no heap, and whose group the caller has set. False: no memory. */
bool heap_add(struct heap *h, struct heap_link *l, int64_t key);
void heap_remove(struct heap *h, struct heap_link *l);
/* The link with the lowest key; NULL: there is none. */
struct heap_link *heap_first(const struct heap *h);

#define heap_entry(link, type, field) ((type *)(void *)((char *)(link)-offsetof(type, field)))

#endif

/* heap.c - see heap.h. A parent never has a higher key than its children, at 2n and 2n + 1. */
#include "heap.h"

#include <stdlib.h>

#define CAPACITY_MIN 64

void heap_finish(struct heap *h)
{
    free(h->at);
    *h = (struct heap){0};
}

static bool resize(struct heap *h, size_t capacity)
{
    struct heap_link **at = realloc(h->at, capacity * sizeof *at);
    if (at == NULL)
        return false;
    h->at = at;
    h->capacity = capacity;
    return true;
}

static bool is_before(const struct heap_link *a, const struct heap_link *b)
{
    return a->key < b->key || (a->key == b->key && a->group < b->group);
}

static void put(struct heap *h, struct heap_link *l, size_t place)
{
    h->at[place - 1] = l;
    l->place = place;
}

static void move_up(struct heap *h, struct heap_link *l, size_t place)
{
    for (; place > 1 && is_before(l, h->at[place / 2 - 1]); place /= 2)
        put(h, h->at[place / 2 - 1], place);
    put(h, l, place);
}

static void move_down(struct heap *h, struct heap_link *l, size_t place)
{
    for (size_t child; (child = 2 * place) <= h->count; place = child) {
        if (child < h->count && is_before(h->at[child], h->at[child - 1]))
            child++;
        if (!is_before(h->at[child - 1], l))
            break;
        put(h, h->at[child - 1], place);
    }
    put(h, l, place);
}

bool heap_add(struct heap *h, struct heap_link *l, int64_t key)
{
    if (h->count == h->capacity && !resize(h, h->count == 0 ? CAPACITY_MIN : 2 * h->count))
        return false;
    h->count++;
    l->key = key;
    move_up(h, l, h->count);
    return true;
}

void heap_remove(struct heap *h, struct heap_link *l)
{
    size_t place = l->place;
    if (place == 0)
        return;
    l->place = 0;
    struct heap_link *last = h->at[--h->count];
    if (last != l) {
        if (place > 1 && is_before(last, h->at[place / 2 - 1]))
            move_up(h, last, place);
        else
            move_down(h, last, place);
    }
    if (h->capacity > CAPACITY_MIN && h->count < h->capacity / 4)
        resize(h, h->capacity / 2);
}

struct heap_link *heap_first(const struct heap *h) { return h->count == 0 ? NULL : h->at[0]; }

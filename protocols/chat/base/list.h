/* list.h - a doubly linked ring through the structs themselves: no allocation, removal in one step.
 *
 * A head and a link are the same struct; a link that is in no list points to itself, so that
 * list_remove() may be called twice. */
#ifndef CHAT_LIST_H
#define CHAT_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
    struct list *prev, *next;
};

static inline void list_init(struct list *l) { l->prev = l->next = l; }

static inline bool list_empty(const struct list *l) { return l->next == l; }

/* Appends: the list's order is the order of the calls. */
static inline void list_add(struct list *head, struct list *link)
{
    link->prev = head->prev;
    link->next = head;
    head->prev->next = link;
    head->prev = link;
}

static inline void list_remove(struct list *link)
{
    link->prev->next = link->next;
    link->next->prev = link->prev;
    list_init(link);
}

/* Moves all links of `from` to `to`, which need not be initialised, and leaves `from` empty. */
static inline void list_take(struct list *to, struct list *from)
{
    list_init(to);
    if (list_empty(from))
        return;
    *to = *from;
    to->next->prev = to;
    to->prev->next = to;
    list_init(from);
}

#define list_entry(link, type, field) ((type *)(void *)((char *)(link)-offsetof(type, field)))

/* `l` is the current link; the body may remove `l`, and only `l`. */
#define list_each(l, next_, head)                                                                  \
    for (struct list *l = (head)->next, *next_ = l->next; l != (head); l = next_, next_ = l->next)

#endif

/* order.c - the sequence of messages that every member of a room must see. The member that is ahead
 * writes the sequence; in it, each writer's messages must be in the order said. All other members
 * are compared with it. */
#define _GNU_SOURCE
#include "order.h"

#include <err.h>
#include <stdlib.h>

static const char *append(struct order *o, const struct event *e)
{
    if (o->known > 0 && e->seq <= o->events[o->known - 1].seq)
        return "seq does not grow";
    if (e->writer >= ORDER_WRITERS_MAX)
        return "unknown writer";
    if (e->number != o->next[e->writer])
        return e->number < o->next[e->writer] ? "doubled" : "lost, or out of order";
    if (o->known == o->capacity) {
        o->capacity = o->capacity == 0 ? 1024 : o->capacity * 2;
        if ((o->events = reallocarray(o->events, o->capacity, sizeof *o->events)) == NULL)
            err(1, "order");
    }
    o->next[e->writer]++;
    o->events[o->known++] = *e;
    return NULL;
}

const char *order_check(struct order *o, size_t at, const struct event *e)
{
    const struct event *want;

    if (at == o->known)
        return append(o, e);
    want = &o->events[at];
    if (e->seq == want->seq && e->writer == want->writer && e->number == want->number)
        return NULL;
    return e->seq < want->seq ? "doubled, or out of order" : "lost, or out of order";
}

void order_finish(struct order *o)
{
    free(o->events);
    *o = (struct order){0};
}

/* order.h - the sequence of messages that every member of a room must see. */
#ifndef BENCH_ORDER_H
#define BENCH_ORDER_H

#include <stddef.h>
#include <stdint.h>

#define ORDER_WRITERS_MAX 64 /* a writer's number is below; "durable" has so many */

/* One message: its number in the room, its writer, and its number among the writer's messages. */
struct event {
    uint64_t seq;
    uint32_t writer;
    uint32_t number;
};

struct order {
    struct event *events; /* as the first member saw them */
    size_t known, capacity;
    uint32_t next[ORDER_WRITERS_MAX]; /* the number that each writer's next message must have */
};

/* Compares `e`, a member's message number `at` (from 0), with the messages that other members got.
 * Returns NULL, or words for the fault: lost, doubled or out of order. */
const char *order_check(struct order *o, size_t at, const struct event *e);
void order_finish(struct order *o);

#endif

/* bus.h - what the core asks of whoever carries words from node to node.
 *
 * Nothing that must last goes this way: logs have their journal. What is heard from other nodes
 * comes in by chat_heard(), and chat_bus_up() says that the bus can be used. */
#ifndef CHAT_BUS_H
#define CHAT_BUS_H

#include <stddef.h>

struct bus;

struct bus_ops {
    /* To every other node, at most once, in order per sender, may be lost. `text` is one JSON
     * object, borrowed for the call. */
    void (*tell)(struct bus *b, const char *text, size_t n);
};

#endif

/* bus.h - how messages reach the other nodes.
 *
 * Nothing that must last goes this way: logs have the journal. The bus hands messages from other
 * nodes to chat_heard(), and calls chat_bus_up() when it works. Loop thread only. */
#ifndef CHAT_BUS_H
#define CHAT_BUS_H

#include <stddef.h>

struct bus;

struct bus_ops {
    /* Sends `text`, one JSON object, to every other node: at most once, in the sender's order;
     * messages may be lost. `text` is borrowed for this call. */
    void (*tell)(struct bus *b, const char *text, size_t n);
};

#endif

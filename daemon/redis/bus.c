/* bus.c - see bus.h. */
#include "bus.h"

#include "call.h"
#include "node.h"
#include "private.h"

#include <string.h>

void bus_tell(struct journal *j, const char *text, size_t n)
{
    struct redis_call c;
    struct bytes message = {0};
    bytes_add_text(&message, j->id);
    bytes_add(&message, " ", 1);
    bytes_add(&message, text, n);
    call_begin(&c, "PUBLISH");
    call_key(&c, key_bus(j->redis->prefix));
    call_bytes(&c, message.at, message.size);
    if (!message.failed && j->stage >= STAGE_SEALING)
        redis_link_ask(j->ask, &c, NULL, NULL);
    bytes_finish(&message);
}

void bus_hear(struct journal *j, const char *text, size_t n)
{
    char id[sizeof j->id];
    const char *blank = memchr(text, ' ', n);
    if (blank == NULL || (size_t)(blank - text) != sizeof id - 1)
        return;
    memcpy(id, text, sizeof id - 1);
    id[sizeof id - 1] = '\0';
    if (strcmp(id, j->id) == 0)
        return;
    node_heard(j, id);
    chat_heard(j->chat, blank + 1, n - (size_t)(blank + 1 - text));
}

/* fuzz_command.c - feeds lines as commands of two people to one chat. Every frame from the chat
 * must be whole JSON (client.c asserts it), every message to other nodes one JSON
 * text, and everybody must be able to leave. Input: lines. A line that begins with '!' is from the
 * second person, with '#' from the operator, with '@' from another node, any other from the first
 * person. */
#include "../unit/client.h"

#include "chat/command/command.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void tell(struct bus *bus, const char *text, size_t n)
{
    (void)bus;
    json_t *message = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(message);
    json_decref(message);
}

static void obey(struct client *c, const char *line, size_t n)
{
    command_obey(c->session, line, n);
    if (n % 3 == 0)
        world_settle(c->world);
}

static void speak(struct client *a, struct client *b, struct client *op, const char *line, size_t n)
{
    if (n > 0 && (*line == '!' || *line == '#'))
        obey(*line == '!' ? b : op, line + 1, n - 1);
    else
        obey(a, line, n);
}

static void hear(struct world *w, const char *line, size_t n)
{
    chat_heard(w->chat, line, n);
    if (n % 3 == 0)
        world_pass(w, 1000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 8192)
        return 0;
    static const struct bus_ops ops = {tell};
    struct world *w = world_create_node("a", &ops, NULL);
    w->config.limits.errors = 0;
    struct client *a = client_named(w, "ann"), *b = client_create(w), *op = client_operator(w);
    client_send(a, "{'type':'join','room':'lobby'}");
    while (size > 0) {
        const uint8_t *end = memchr(data, '\n', size);
        size_t n = end == NULL ? size : (size_t)(end - data);
        if (n > 0 && *data == '@')
            hear(w, (const char *)data + 1, n - 1);
        else
            speak(a, b, op, (const char *)data, n);
        data += n + (end != NULL);
        size -= n + (end != NULL);
    }
    world_settle(w);
    world_pass(w, 5000);
    client_destroy(&op);
    client_destroy(&b);
    client_destroy(&a);
    world_destroy(&w);
    return 0;
}

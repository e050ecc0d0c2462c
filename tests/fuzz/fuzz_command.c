/* fuzz_command.c - any lines as commands of two people in one chat, which must survive them: every
 * frame that comes back is whole JSON (the client of world.c asserts it), and everybody can leave.
 * Input: lines; those that begin with '!' are the second person's. */
#include "../unit/world.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void obey(struct client *c, const char *line, size_t n)
{
    session_message(c->session, line, n);
    if (n % 3 == 0)
        world_settle(c->world);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 8192)
        return 0;
    struct world *w = world_create();
    w->config.limits.errors = 0;
    struct client *a = client_named(w, "ann"), *b = client_create(w);
    client_send(a, "{'type':'join','room':'lobby'}");
    while (size > 0) {
        const uint8_t *end = memchr(data, '\n', size);
        size_t n = end == NULL ? size : (size_t)(end - data);
        obey(n > 0 && *data == '!' ? b : a, (const char *)data + (n > 0 && *data == '!'),
             n - (n > 0 && *data == '!'));
        data += n + (end != NULL);
        size -= n + (end != NULL);
    }
    world_settle(w);
    world_pass(w, 5000);
    client_destroy(&b);
    client_destroy(&a);
    world_destroy(&w);
    return 0;
}

/* ask.c - see ask.h. */
#include "ask.h"

#include "config.h"

#include <stdlib.h>
#include <string.h>

void *ask_create(size_t size, enum ask_kind kind, const char *room, void (*done)(struct ask *ask),
                 void *arg)
{
    struct ask *ask = calloc(1, size);
    if (ask == NULL)
        return NULL;
    ask->kind = kind;
    ask->done = done;
    ask->arg = arg;
    if (room != NULL)
        strncpy(ask->room, room, sizeof ask->room - 1);
    return ask;
}

void ask_destroy(struct ask **ask)
{
    if (*ask == NULL)
        return;
    bytes_finish(&(*ask)->text);
    bytes_finish(&(*ask)->rows);
    free(*ask);
    *ask = NULL;
}

enum err ask_take(const struct chat_config *config, struct ask *ask)
{
    enum err err = ask == NULL ? ERR_UNAVAILABLE : config->archive_ops->ask(config->archive, ask);
    if (err != OK)
        ask_destroy(&ask);
    return err;
}

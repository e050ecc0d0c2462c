/* table.c - see table.h. */
#include "table.h"

#include "private.h"

#include <string.h>

static const struct command *const files[] = {
#define ROW(file) file##_commands,
    COMMAND_FILES(ROW)
#undef ROW
        NULL,
};

const struct command *command_find(const char *type)
{
    for (const struct command *const *file = files; *file != NULL; file++)
        for (const struct command *c = *file; c->type != NULL; c++)
            if (strcmp(c->type, type) == 0)
                return c;
    return NULL;
}

const struct field *command_field(const char *type, const char *name)
{
    const struct field *f = command_find(type)->fields;
    while (strcmp(f->name, name) != 0)
        f++;
    return f;
}

/* level.c - see level.h. */
#include "level.h"

#include <stddef.h>
#include <string.h>

static const char *const names[LEVELS] = {"mentions", "all", "none"};

const char *level_name(enum level l) { return names[l]; }

bool level_read(const char *name, enum level *out)
{
    for (enum level l = LEVEL_MENTIONS; name != NULL && l < LEVELS; l++)
        if (strcmp(name, names[l]) == 0) {
            *out = l;
            return true;
        }
    return false;
}

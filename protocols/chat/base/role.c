/* role.c - see role.h. */
#include "role.h"

#include <stddef.h>
#include <string.h>

static const char *const names[] = {"member", "moderator", "admin", "nobody", "operator"};

const char *role_name(enum role r) { return names[r]; }

enum role role_of(const char *name)
{
    for (enum role r = ROLE_MEMBER; name != NULL && r <= ROLE_NOBODY; r++)
        if (strcmp(name, names[r]) == 0)
            return r;
    return ROLE_MEMBER;
}

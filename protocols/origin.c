/* origin.c - see origin.h. */
#include "origin.h"

#include <string.h>
#include <strings.h>

/* The text after "http://" or "https://"; NULL: another scheme. */
static const char *host_of(const char *origin)
{
    if (strncasecmp(origin, "http://", 7) == 0)
        return origin + 7;
    if (strncasecmp(origin, "https://", 8) == 0)
        return origin + 8;
    return NULL;
}

bool origin_allowed(const char *origin, const char *host, const char *const *allowed)
{
    if (origin == NULL)
        return true;
    const char *its_host = host_of(origin);
    if (its_host == NULL)
        return false;
    if (host != NULL && strcasecmp(its_host, host) == 0)
        return true;
    for (; *allowed != NULL; allowed++)
        if (strcasecmp(origin, *allowed) == 0)
            return true;
    return false;
}

static bool is_own_name(const char *host)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t n = strlen(names[i]);
        if (strncasecmp(host, names[i], n) == 0 && (host[n] == '\0' || host[n] == ':'))
            return true;
    }
    return false;
}

bool host_allowed(const char *host, const char *const *allowed)
{
    if (*allowed == NULL)
        return true;
    if (host == NULL)
        return false;
    if (is_own_name(host))
        return true;
    for (; *allowed != NULL; allowed++) {
        const char *its_host = host_of(*allowed);
        if (its_host != NULL && strcasecmp(its_host, host) == 0)
            return true;
    }
    return false;
}

/* origin.c - see origin.h. */
#include "origin.h"

#include <string.h>
#include <strings.h>

/* An origin in parts. scheme 0: it has another scheme. */
struct origin {
    enum origin_schemes scheme;
    const char *host; /* with its port, unless that is the scheme's default */
    size_t size;
};

static struct origin host_with(enum origin_schemes scheme, const char *host)
{
    const char *port = scheme == ORIGIN_HTTPS ? ":443" : ":80";
    size_t n = strlen(host), m = strlen(port);
    return (struct origin){scheme, host, n > m && strcmp(host + n - m, port) == 0 ? n - m : n};
}

static struct origin parse(const char *origin)
{
    if (strncasecmp(origin, "http://", 7) == 0)
        return host_with(ORIGIN_HTTP, origin + 7);
    if (strncasecmp(origin, "https://", 8) == 0)
        return host_with(ORIGIN_HTTPS, origin + 8);
    return (struct origin){0};
}

static bool same_host(const struct origin *a, const struct origin *b)
{
    return a->size == b->size && strncasecmp(a->host, b->host, a->size) == 0;
}

bool origin_allowed(const char *origin, const char *host, enum origin_schemes own,
                    const char *const *allowed)
{
    if (origin == NULL)
        return true;
    struct origin its = parse(origin);
    if (its.scheme == 0)
        return false;
    if (host != NULL && (its.scheme & own) != 0) {
        struct origin ours = host_with(its.scheme, host);
        if (same_host(&its, &ours))
            return true;
    }
    for (; *allowed != NULL; allowed++) {
        struct origin one = parse(*allowed);
        if (one.scheme == its.scheme && same_host(&its, &one))
            return true;
    }
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
        struct origin one = parse(*allowed), asked = host_with(one.scheme, host);
        if (one.scheme != 0 && same_host(&one, &asked))
            return true;
    }
    return false;
}

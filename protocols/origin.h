/* origin.h - which pages may open a connection (RFC 6454; RFC 6455, 10.2). Pure. */
#ifndef ORIGIN_H
#define ORIGIN_H

#include <stdbool.h>

/* A page of the host that was asked for, or one of `allowed` (ends with NULL): scheme, host and
 * port alike. `origin` NULL is a program, not a browser: allowed, since nothing here trusts a
 * cookie. */
bool origin_allowed(const char *origin, const char *host, const char *const *allowed);

/* With a list of origins, only their hosts and this machine's own names are served. */
bool host_allowed(const char *host, const char *const *allowed);

/* Whether a comma-separated header names `token`. */
bool header_names(const char *list, const char *token);

#endif

/* origin.h - which pages may open a connection (RFC 6454; RFC 6455, 10.2). Pure. */
#ifndef ORIGIN_H
#define ORIGIN_H

#include <stdbool.h>

/* True for a page of the requested host, and for one of `allowed` (ends with NULL) if scheme, host
 * and port are equal. `origin` NULL means a program, not a browser: allowed, because no cookie
 * carries authority here. */
bool origin_allowed(const char *origin, const char *host, const char *const *allowed);

/* If `allowed` has entries, only their hosts and the machine's own names are served. */
bool host_allowed(const char *host, const char *const *allowed);

#endif

/* origin.h - which pages may open a connection (RFC 6454; RFC 6455, 10.2). Pure. */
#ifndef ORIGIN_H
#define ORIGIN_H

#include <stdbool.h>

enum origin_schemes { ORIGIN_HTTP = 1, ORIGIN_HTTPS = 2, ORIGIN_ANY = 3 };

/* True for a page of the requested host with one of `own` schemes, and for one of `allowed` (ends
 * with NULL) if scheme, host and port are equal. A scheme's default port may be there or not.
 * `origin` NULL means a program, not a browser: allowed, because no cookie carries authority here.
 */
bool origin_allowed(const char *origin, const char *host, enum origin_schemes own,
                    const char *const *allowed);

/* If `allowed` has entries, only their hosts and the machine's own names are served. */
bool host_allowed(const char *host, const char *const *allowed);

#endif

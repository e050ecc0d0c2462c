/* names.h - the names of headers that the library does not know. Loop thread only. */
#ifndef NAMES_H
#define NAMES_H

#include <stdbool.h>
#include <stddef.h>

#define NAMES_MAX 256 /* headers of one request that the library does not know */

struct lws;

/* Call it while the library has the request's head. `known`: bytes of the headers that it knows.
 * False: a name is no token (RFC 9110, 5.6.2), as if it holds a blank or another line; or there are
 * more than NAMES_MAX. */
bool names_are_tokens(struct lws *wsi, size_t known);

#endif

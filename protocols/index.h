/* index.h - writes index.html as it is served. */
#ifndef INDEX_H
#define INDEX_H

#include "modules.h"

#define INDEX_HASH_CHARS 64

/* In index.html, makes "./NAME" the address `base` NAME, and tells the browser of all modules that
 * it will need, so that it need not read one to ask for the next: if they are joined by an import
 * map, else by a link for each. `hash_out`: SHA-256 of the map in base64, for the security policy;
 * empty without a map. -1: no memory. */
int index_write(struct folder *f, const struct modules *m, const char *base,
                char hash_out[INDEX_HASH_CHARS]);

#endif

/* health.h - whether the store can be written, and why not. */
#ifndef STORE_HEALTH_H
#define STORE_HEALTH_H

#include "chat/base/err.h"

#include <stddef.h>

struct store;

/* A static string: why events cannot be written now. NULL: they can. Any thread. */
const char *store_fault(const struct store *s);
/* NULL: writing works again. Logs a change. Any thread. */
void store_set_fault(struct store *s, const char *why);
/* SQLite's code as a static string for people. */
const char *store_why(int rc);

/* Jobs given and not yet done. Loop thread. */
size_t store_waiting(const struct store *s);

#endif

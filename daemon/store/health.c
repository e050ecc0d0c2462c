/* health.c - see health.h. */
#include "health.h"

#include "private.h"

#include "log.h"

const char *store_why(int rc) { return sqlite3_errstr(rc & 0xff); }

const char *store_fault(const struct store *s)
{
    return atomic_load(&s->damaged) ? "the database is damaged" : atomic_load(&s->fault);
}

void store_set_fault(struct store *s, const char *why)
{
    const char *before = atomic_exchange(&s->fault, why);
    if (why != NULL && before != why)
        log_error("store cannot write: %s. Messages are refused until it can", why);
    if (why == NULL && before != NULL)
        log_info("store writes again");
}

size_t store_waiting(const struct store *s)
{
    return worker_waiting(s->writer) + worker_waiting(s->reader);
}

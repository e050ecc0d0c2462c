/* load.c - see load.h. */
#include "load.h"

#include "health.h"
#include "private.h"

#include "log.h"

enum err store_load_rows(struct store *s, const char *what, const char *sql,
                         int (*row)(void *arg, sqlite3_stmt *q), void *arg)
{
    pthread_mutex_lock(&s->reading); /* the writer may open a broken store again */
    int rc = db_each(&s->read, sql, row, arg);
    pthread_mutex_unlock(&s->reading);
    if (rc <= 0)
        return (enum err)rc;
    log_error("store reading %s: %s", what, store_why(rc));
    return ERR_UNAVAILABLE;
}

/* reader.c - see reader.h. */
#include "reader.h"

#include "health.h"
#include "private.h"

#include "log.h"

void store_answer(void *store, struct job *batch)
{
    struct store *s = store;
    for (struct job *job = batch; job != NULL; job = job->next) {
        struct read_job *q = (struct read_job *)job;
        pthread_mutex_lock(&s->reading);
        int rc = s->read.handle == NULL ? SQLITE_CANTOPEN : q->answer(s, q);
        pthread_mutex_unlock(&s->reading);
        if (rc == SQLITE_OK || rc == SQLITE_DONE || rc == SQLITE_ROW)
            continue;
        q->err = ERR_UNAVAILABLE;
        log_error("store reading failed: %s", store_why(rc));
    }
}

/* job.c - see job.h. */
#include "job.h"

#include "private.h"

#include <stdlib.h>

#define WAITING_MAX 10000 /* jobs; some seconds of the writer's work */

/* A job's `done` may want to give the next one while store_destroy() ends the threads. */
static void *create(const struct store *s, const struct worker *w, size_t size)
{
    return s->closing || worker_waiting(w) >= WAITING_MAX ? NULL : calloc(1, size);
}

void *store_write_job(const struct store *s, size_t size) { return create(s, s->writer, size); }

void *store_read_job(const struct store *s, size_t size) { return create(s, s->reader, size); }

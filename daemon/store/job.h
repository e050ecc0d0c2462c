/* job.h - makes the jobs of the store's threads. Loop thread. */
#ifndef STORE_JOB_H
#define STORE_JOB_H

#include <stddef.h>

struct store;

/* A struct of `size` bytes, all 0, that begins with struct write_job or struct read_job. Give it to
 * s->writer or s->reader before the loop goes on. NULL: too many wait there, the store ends, or
 * there is no memory. */
void *store_write_job(const struct store *s, size_t size);
void *store_read_job(const struct store *s, size_t size);

#endif

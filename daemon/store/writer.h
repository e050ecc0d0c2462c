/* writer.h - the writer's thread: all jobs that wait become one transaction.
 *
 * A fault of the disk rolls the whole transaction back. None of its events has been acknowledged or
 * delivered by then, and all its jobs get ERR_UNAVAILABLE. */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

struct job;

/* For struct worker_ops. */
void store_work(void *store, struct job *batch);

#endif

/* worker.h - a thread that does what would block the loop, and brings the answers back to it.
 * Used by: store.c. Jobs are taken in the order given; all that wait at one moment are one batch.
 */
#ifndef WORKER_H
#define WORKER_H

#include <stdbool.h>
#include <stddef.h>

struct uv_loop_s;
struct worker;

/* Begins a struct of the caller's, which `done` frees. */
struct job {
    struct job *next;
    void (*done)(struct job *job); /* on the loop thread, once */
};

struct worker_ops {
    /* On the worker's thread: all of a batch. NULL: nothing has come for `pause_ms`. */
    void (*work)(void *arg, struct job *batch);
    size_t batch_max;
    unsigned pause_ms;
    void *arg;
};

/* NULL: no memory or no thread. */
struct worker *worker_create(struct uv_loop_s *loop, const char *name,
                             const struct worker_ops *ops);

/* From the loop thread. The worker owns the job until it is done. */
void worker_give(struct worker *w, struct job *job);
size_t worker_waiting(const struct worker *w); /* jobs given and not yet done */

/* Does what is left, with all `done`s, then ends the thread. Nothing may be given any more. The
 * loop must run on until the worker's handle is closed; the memory is freed there. */
void worker_destroy(struct worker **w);

#endif

/* worker.h - a thread for jobs that would block the loop. It takes them in turn, equal ones in
 * the order given; all that wait at one moment are one batch. */
#ifndef WORKER_H
#define WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uv_loop_s;
struct worker;

/* The first member of a struct of the caller, which `done` frees. */
struct job {
    struct job *next;
    uint64_t turn;                 /* the lowest first */
    void (*done)(struct job *job); /* on the loop thread, once */
};

struct worker_ops {
    /* On the worker's thread: does a batch. `batch` NULL: there was no job for `pause_ms`. */
    void (*work)(void *arg, struct job *batch);
    size_t batch_max;
    unsigned pause_ms;
    void *arg;
};

/* NULL: no memory or no thread. */
struct worker *worker_create(struct uv_loop_s *loop, const char *name,
                             const struct worker_ops *ops);

/* Loop thread only. The worker owns the job until it calls `done`. */
void worker_give(struct worker *w, struct job *job);
size_t worker_waiting(const struct worker *w); /* jobs that are not done */

/* Does all jobs, calls each `done`, and ends the thread. Give no job from here on. The loop must
 * run until the worker's handle is closed, which frees the memory. */
void worker_destroy(struct worker **w);

#endif

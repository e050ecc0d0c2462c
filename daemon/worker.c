/* worker.c - see worker.h. */
#include "worker.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <uv.h>

/* `end`: the last job's `next`, or `first`. */
struct queue {
    struct job *first, **end;
};

struct worker {
    struct worker_ops ops;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t given;
    struct queue todo, finished; /* under the mutex */
    bool ending;                 /* under the mutex */
    uv_async_t wake;             /* wakes the loop when jobs are finished */
    size_t waiting;              /* loop thread only */
};

_Static_assert(offsetof(struct job, next) == 0, "a job's next is the job");

static void queue_init(struct queue *q)
{
    q->first = NULL;
    q->end = &q->first;
}

static bool goes_last(const struct queue *q, const struct job *job)
{
    const struct job *last = q->first == NULL ? NULL : (const struct job *)q->end; /* its `next` */
    return last == NULL || last->turn <= job->turn;
}

/* Jobs mostly come in turn: few have to pass others. */
static void queue_insert(struct queue *q, struct job *job)
{
    struct job **at = goes_last(q, job) ? q->end : &q->first;
    while (*at != NULL && (*at)->turn <= job->turn)
        at = &(*at)->next;
    job->next = *at;
    *at = job;
    if (job->next == NULL)
        q->end = &job->next;
}

static void queue_add(struct queue *q, struct job *first, struct job **end)
{
    *q->end = first;
    q->end = end;
}

/* Takes at most `most` jobs from the front. */
static struct queue queue_take(struct queue *q, size_t most)
{
    struct queue taken;
    struct job **end = &q->first;
    queue_init(&taken);
    for (size_t n = 0; *end != NULL && n < most; n++)
        end = &(*end)->next;
    if (end == &q->first)
        return taken;
    taken.first = q->first;
    q->first = *end;
    *end = NULL;
    taken.end = end;
    if (q->first == NULL)
        q->end = &q->first;
    return taken;
}

/* --- the thread ----------------------------------------------------------------------------- */

static void wait_for_work(struct worker *w)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += w->ops.pause_ms / 1000;
    until.tv_nsec += (long)(w->ops.pause_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    while (w->todo.first == NULL && !w->ending)
        if (pthread_cond_timedwait(&w->given, &w->mutex, &until) != 0)
            return;
}

static void *run(void *arg)
{
    struct worker *w = arg;
    pthread_mutex_lock(&w->mutex);
    for (;;) {
        wait_for_work(w);
        if (w->todo.first == NULL && w->ending)
            break;
        struct queue batch = queue_take(&w->todo, w->ops.batch_max);
        pthread_mutex_unlock(&w->mutex);
        w->ops.work(w->ops.arg, batch.first);
        pthread_mutex_lock(&w->mutex);
        if (batch.first != NULL) {
            queue_add(&w->finished, batch.first, batch.end);
            uv_async_send(&w->wake);
        }
    }
    pthread_mutex_unlock(&w->mutex);
    return NULL;
}

/* --- the loop thread ------------------------------------------------------------------------ */

static void bring_back(struct worker *w)
{
    pthread_mutex_lock(&w->mutex);
    struct queue done = queue_take(&w->finished, (size_t)-1);
    pthread_mutex_unlock(&w->mutex);
    for (struct job *job = done.first, *next; job != NULL; job = next) {
        next = job->next;
        w->waiting--;
        job->done(job);
    }
}

static void on_wake(uv_async_t *wake) { bring_back(wake->data); }

struct worker *worker_create(struct uv_loop_s *loop, const char *name, const struct worker_ops *ops)
{
    pthread_condattr_t attr;
    struct worker *w = calloc(1, sizeof *w);
    if (w == NULL)
        return NULL;
    w->ops = *ops;
    queue_init(&w->todo);
    queue_init(&w->finished);
    pthread_mutex_init(&w->mutex, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&w->given, &attr);
    pthread_condattr_destroy(&attr);
    w->wake.data = w;
    if (uv_async_init(loop, &w->wake, on_wake) != 0)
        goto no_handle;
    if (pthread_create(&w->thread, NULL, run, w) != 0)
        goto no_thread;
    pthread_setname_np(w->thread, name);
    return w;
no_thread:
    uv_close((uv_handle_t *)&w->wake, NULL);
    return NULL; /* the loop still has the handle, so its memory stays until the process ends */
no_handle:
    free(w);
    return NULL;
}

void worker_give(struct worker *w, struct job *job)
{
    w->waiting++;
    pthread_mutex_lock(&w->mutex);
    bool idle = w->todo.first == NULL;
    queue_insert(&w->todo, job);
    pthread_mutex_unlock(&w->mutex);
    if (idle)
        pthread_cond_signal(&w->given);
}

size_t worker_waiting(const struct worker *w) { return w->waiting; }

static void on_closed(uv_handle_t *handle) { free(handle->data); }

void worker_destroy(struct worker **worker)
{
    struct worker *w = *worker;
    if (w == NULL)
        return;
    pthread_mutex_lock(&w->mutex);
    w->ending = true;
    pthread_mutex_unlock(&w->mutex);
    pthread_cond_signal(&w->given);
    pthread_join(w->thread, NULL);
    bring_back(w);
    pthread_cond_destroy(&w->given);
    pthread_mutex_destroy(&w->mutex);
    uv_close((uv_handle_t *)&w->wake, on_closed);
    *worker = NULL;
}

/* test_worker.c - the order in which a worker takes its jobs (daemon/worker.h). */
#include "world.h"

#include "worker.h"

#include <pthread.h>
#include <uv.h>

static pthread_mutex_t busy = PTHREAD_MUTEX_INITIALIZER;
static struct job jobs[6];
static char order[sizeof jobs / sizeof *jobs + 1];
static size_t done;

static void work(void *arg, struct job *batch)
{
    (void)arg, (void)batch;
    pthread_mutex_lock(&busy);
    pthread_mutex_unlock(&busy);
}

static void note(struct job *job) { order[done++] = (char)('a' + (job - jobs)); }

/* The worker is busy with the first job, or has not begun, when the others come. */
static void jobs_are_done_in_turn_and_equal_ones_in_the_order_given(void **state)
{
    static const uint64_t turns[] = {0, 5, 3, 3, 9, 1};
    const struct worker_ops ops = {work, 1, 1000, NULL};
    uv_loop_t loop;
    (void)state;
    uv_loop_init(&loop);
    pthread_mutex_lock(&busy);
    struct worker *w = worker_create(&loop, "test", &ops);
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        jobs[i] = (struct job){.turn = turns[i], .done = note};
        worker_give(w, &jobs[i]);
    }
    pthread_mutex_unlock(&busy);
    worker_destroy(&w);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
    assert_string_equal(order, "afcdbe");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_are_done_in_turn_and_equal_ones_in_the_order_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* clock.c - moves the wall clock of a process by CLOCK_OFF seconds, from the moment the file
 * CLOCK_WHEN exists (always, if that is not set). The monotonic clock is unchanged. test_clock.py
 * builds this as a library and preloads it. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static time_t off(void)
{
    const char *seconds = getenv("CLOCK_OFF"), *when = getenv("CLOCK_WHEN");
    return seconds == NULL || (when != NULL && access(when, F_OK) != 0)
               ? 0
               : (time_t)strtol(seconds, NULL, 10);
}

int clock_gettime(clockid_t id, struct timespec *t)
{
    int rc = (int)syscall(SYS_clock_gettime, id, t);
    if (rc == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
        t->tv_sec += off();
    return rc;
}

int gettimeofday(struct timeval *restrict t, void *restrict zone)
{
    (void)zone;
    struct timespec now;
    int rc = clock_gettime(CLOCK_REALTIME, &now);
    t->tv_sec = now.tv_sec;
    t->tv_usec = now.tv_nsec / 1000;
    return rc;
}

time_t time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out != NULL)
        *out = now.tv_sec;
    return now.tv_sec;
}

/* long_start.c - see long_start.h. */
#include "long_start.h"

#include <signal.h>
#include <systemd/sd-daemon.h>
#include <uv.h>

#define EXTEND_EVERY_MS 1000
#define EXTEND          "EXTEND_TIMEOUT_USEC=30000000"

static void mask(int how)
{
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(how, &ends, NULL);
}

static bool is_end_asked(void)
{
    sigset_t waiting;
    sigpending(&waiting);
    return sigismember(&waiting, SIGTERM) || sigismember(&waiting, SIGINT);
}

void long_start_begin(struct long_start *l)
{
    *l = (struct long_start){0};
    mask(SIG_BLOCK);
}

bool long_start_goes_on(void *long_start)
{
    struct long_start *l = long_start;
    uint64_t now_ms = uv_hrtime() / 1000000;
    if (now_ms - l->extended_ms > EXTEND_EVERY_MS) {
        l->extended_ms = now_ms;
        sd_notify(0, EXTEND);
    }
    return !is_end_asked();
}

bool long_start_end(struct long_start *l)
{
    bool ends = is_end_asked();
    (void)l;
    mask(SIG_UNBLOCK);
    return ends;
}

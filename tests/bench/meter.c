/* meter.c - clocks, the server's CPU time and memory, percentiles. Never touches sockets or chat.
 * If a value cannot be read, the run ends: a wrong figure is worse than no figure. */
#define _GNU_SOURCE
#include "meter.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static uint64_t read_clock_ns(clockid_t clock)
{
    struct timespec t;

    if (clock_gettime(clock, &t) != 0)
        err(1, "clock_gettime");
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t meter_now_ns(void) { return read_clock_ns(CLOCK_MONOTONIC); }

uint64_t meter_cpu_ns(pid_t pid)
{
    clockid_t clock;
    int why = clock_getcpuclockid(pid, &clock);

    if (why != 0)
        errx(1, "no CPU clock of process %d: %s", (int)pid, strerror(why));
    return read_clock_ns(clock);
}

/* The first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, stolen. */
uint64_t meter_machine_ns(void)
{
    unsigned long long t[8] = {0};
    FILE *f = fopen("/proc/stat", "r");

    if (f == NULL || fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &t[0], &t[1], &t[2],
                            &t[3], &t[4], &t[5], &t[6], &t[7]) != 8)
        err(1, "/proc/stat");
    fclose(f);
    return (t[0] + t[1] + t[2] + t[5] + t[6] + t[7]) *
           (1000000000ull / (unsigned long long)sysconf(_SC_CLK_TCK));
}

size_t meter_rss_bytes(pid_t pid)
{
    char path[64], line[256];
    size_t kib = 0;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    if ((f = fopen(path, "r")) == NULL)
        err(1, "%s", path);
    while (kib == 0 && fgets(line, sizeof line, f) != NULL)
        sscanf(line, "Rss: %zu", &kib);
    fclose(f);
    return kib * 1024;
}

size_t meter_tcp_bytes(void)
{
    char line[256];
    size_t pages = 0;
    FILE *f = fopen("/proc/net/sockstat", "r");

    if (f == NULL)
        return 0;
    while (pages == 0 && fgets(line, sizeof line, f) != NULL)
        sscanf(line, "TCP: inuse %*u orphan %*u tw %*u alloc %*u mem %zu", &pages);
    fclose(f);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

void samples_add(struct samples *s, uint64_t value)
{
    if (s->count == s->capacity) {
        s->capacity = s->capacity == 0 ? 1024 : s->capacity * 2;
        if ((s->values = reallocarray(s->values, s->capacity, sizeof *s->values)) == NULL)
            err(1, "samples");
    }
    s->values[s->count++] = value;
}

static int by_value(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

uint64_t samples_percentile(struct samples *s, double percent)
{
    size_t at;

    if (s->count == 0)
        return 0;
    qsort(s->values, s->count, sizeof *s->values, by_value);
    at = (size_t)((double)s->count * percent / 100);
    return s->values[at < s->count ? at : s->count - 1];
}

void samples_finish(struct samples *s)
{
    free(s->values);
    *s = (struct samples){0};
}

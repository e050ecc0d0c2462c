/* meter.h - clocks, the server's CPU time and memory, percentiles. Knows nothing of chat. */
#ifndef BENCH_METER_H
#define BENCH_METER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Monotonic, in nanoseconds. */
uint64_t meter_now_ns(void);

/* CPU time of all threads of `pid`, also ended ones, by the scheduler's clock. */
uint64_t meter_cpu_ns(pid_t pid);

/* CPU time of all processes and the kernel on all cores, to the tick of the kernel. */
uint64_t meter_machine_ns(void);

/* Resident memory of `pid`, summed over its pages (not the kernel's lazy counter). */
size_t meter_rss_bytes(pid_t pid);

/* Memory that the kernel uses for all TCP sockets of the machine. */
size_t meter_tcp_bytes(void);

struct samples {
    uint64_t *values;
    size_t count;
    size_t capacity;
};

void samples_add(struct samples *s, uint64_t value);
/* The value that `percent` of the samples do not exceed; 0 without samples. Sorts. */
uint64_t samples_percentile(struct samples *s, double percent);
void samples_finish(struct samples *s);

#endif

/* metric.h - lines of /metrics: Prometheus' text format, version 0.0.4. Pure, any thread. */
#ifndef CHAT_METRIC_H
#define CHAT_METRIC_H

#include "bytes.h"

/* Appends a metric with its type. `name` is without the prefix "chatd_". */
void metric_add_gauge(struct bytes *to, const char *name, uint64_t value);
void metric_add_counter(struct bytes *to, const char *name, uint64_t value);

/* A counter with a value for each value of a label: first its type, then the values. */
void metric_begin_counter(struct bytes *to, const char *name);
void metric_add_value(struct bytes *to, const char *name, const char *label, const char *is,
                      uint64_t value);

#endif

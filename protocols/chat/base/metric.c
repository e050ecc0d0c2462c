/* metric.c - see metric.h. */
#include "metric.h"

static void add(struct bytes *to, const char *name, const char *type, uint64_t value)
{
    bytes_add_text(to, "# TYPE chatd_");
    bytes_add_text(to, name);
    bytes_add(to, " ", 1);
    bytes_add_text(to, type);
    bytes_add_text(to, "\nchatd_");
    bytes_add_text(to, name);
    bytes_add(to, " ", 1);
    bytes_add_u64(to, value);
    bytes_add(to, "\n", 1);
}

void metric_add_gauge(struct bytes *to, const char *name, uint64_t value)
{
    add(to, name, "gauge", value);
}

void metric_add_counter(struct bytes *to, const char *name, uint64_t value)
{
    add(to, name, "counter", value);
}

/* metric.c - see metric.h. */
#include "metric.h"

static void add_type(struct bytes *to, const char *name, const char *type)
{
    bytes_add_text(to, "# TYPE chatd_");
    bytes_add_text(to, name);
    bytes_add(to, " ", 1);
    bytes_add_text(to, type);
    bytes_add(to, "\n", 1);
}

static void add(struct bytes *to, const char *name, const char *type, uint64_t value)
{
    add_type(to, name, type);
    bytes_add_text(to, "chatd_");
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

void metric_begin_counter(struct bytes *to, const char *name) { add_type(to, name, "counter"); }

void metric_add_value(struct bytes *to, const char *name, const char *label, const char *is,
                      uint64_t value)
{
    bytes_add_text(to, "chatd_");
    bytes_add_text(to, name);
    bytes_add(to, "{", 1);
    bytes_add_text(to, label);
    bytes_add_text(to, "=\"");
    bytes_add_text(to, is);
    bytes_add_text(to, "\"} ");
    bytes_add_u64(to, value);
    bytes_add(to, "\n", 1);
}

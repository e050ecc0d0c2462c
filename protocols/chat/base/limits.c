/* limits.c - see limits.h. */
#include "limits.h"

const struct limit limit_table[] = {
#define ROW(name, ...) {#name, offsetof(struct chat_limits, name), __VA_ARGS__},
    CHAT_LIMITS(ROW)
#undef ROW
        {0},
};

unsigned limit_value(const struct chat_limits *of, const struct limit *which)
{
    return *(const unsigned *)(const void *)((const char *)of + which->offset);
}

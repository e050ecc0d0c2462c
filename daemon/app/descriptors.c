/* descriptors.c - see descriptors.h. */
#include "descriptors.h"

#include <sys/resource.h>

#define DESCRIPTORS_MAX 200000
#define DESCRIPTORS_OWN 64 /* not for connections: store, page, library */

size_t descriptors_raise(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 0;
    limit.rlim_cur = limit.rlim_max < DESCRIPTORS_MAX ? limit.rlim_max : DESCRIPTORS_MAX;
    setrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur > 2 * DESCRIPTORS_OWN ? limit.rlim_cur - DESCRIPTORS_OWN
                                                : limit.rlim_cur / 2;
}

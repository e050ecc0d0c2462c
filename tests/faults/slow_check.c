/* slow_check.c - makes each page that the thread of the check reads take two milliseconds, as on a
 * busy disk. test_damage.py builds this as a library and preloads it. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void be_slow(void)
{
    char thread[16] = "";
    prctl(PR_GET_NAME, thread);
    if (strcmp(thread, "chatd-check") == 0)
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
}

ssize_t pread64(int fd, void *to, size_t n, off64_t at)
{
    be_slow();
    return syscall(SYS_pread64, fd, to, n, at);
}

ssize_t pread(int fd, void *to, size_t n, off_t at) { return pread64(fd, to, n, at); }

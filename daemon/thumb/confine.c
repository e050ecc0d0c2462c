/* confine.c - see confine.h. After it the process can read and write the descriptors that it has,
 * take memory that cannot be executed, and end; any other system call kills it. */
#include "confine.h"

#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* Sanitizers map terabytes, and make any system call when they report. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif

#define MIB (UINT64_C(1) << 20)

static bool limit(__rlimit_resource_t resource, rlim_t most)
{
    const struct rlimit both = {most, most};
    return setrlimit(resource, &both) == 0;
}

#ifdef SANITIZED
static bool limit_all(void) { return limit(RLIMIT_CPU, 60) && limit(RLIMIT_CORE, 0); }

static bool filter(void) { return true; }
#else
static bool limit_all(void)
{
    return limit(RLIMIT_AS, 512 * MIB) && limit(RLIMIT_CPU, 10) && limit(RLIMIT_FSIZE, 4 * MIB) &&
           limit(RLIMIT_NOFILE, 0) && limit(RLIMIT_NPROC, 0) && limit(RLIMIT_CORE, 0);
}

static bool allow_all(scmp_filter_ctx filter)
{
    /* clang-format off */
    static const int calls[] = {
        SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(exit_group),
        SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
        SCMP_SYS(sysinfo),       /* qsort() asks how much memory there is */
        SCMP_SYS(clock_gettime), /* littlecms dates its profile; if the vDSO cannot tell the time */
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) != 0)
            return false;
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
                            SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
                            SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS)) == 0;
}

/* SCMP_ACT_KILL ends the thread, and this process has one. libseccomp refuses SCMP_ACT_KILL_PROCESS
 * where the shipped unit denies seccomp(); it loads the filter by prctl() then. */
static bool filter(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL);
    bool fine = filter != NULL && allow_all(filter) && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return fine;
}
#endif

bool confine(unsigned files)
{
    tzset(); /* littlecms dates its profile by gmtime(), which would open the zone's file later */
    /* A log file that is longer than RLIMIT_FSIZE takes no more; that is no reason to die. */
    signal(SIGXFSZ, SIG_IGN);
    return close_range(files, ~0U, 0) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && limit_all() && filter();
}

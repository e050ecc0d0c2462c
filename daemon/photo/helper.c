/* helper.c - see helper.h. posix_spawn() does not copy the daemon's memory map, as fork() would. */
#include "helper.h"

#include "private.h"

#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { IN, OUT, WORDS, PREVIEW, NOTHING_MORE };

static int open_pair(struct shelf *s, const char *name, int to[2])
{
    char file[PHOTO_FILE_CHARS + 1];
    snprintf(file, sizeof file, "%s.clean", name);
    to[0] = openat(s->coming, file, O_RDONLY | O_CLOEXEC);
    snprintf(file, sizeof file, "%s.thumb", name);
    to[1] = openat(s->coming, file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return to[0] < 0 || to[1] < 0 ? -1 : 0;
}

/* Descriptors move away from 0 to 3 first, so that none overwrites another. */
static int add_descriptors(posix_spawn_file_actions_t *actions, const int files[2], int preview)
{
    return posix_spawn_file_actions_adddup2(actions, files[0], IN) != 0 ||
                   posix_spawn_file_actions_adddup2(actions, files[1], OUT) != 0 ||
                   posix_spawn_file_actions_addopen(actions, WORDS, "/dev/null", O_WRONLY, 0) !=
                       0 ||
                   posix_spawn_file_actions_adddup2(actions, preview, PREVIEW) != 0 ||
                   posix_spawn_file_actions_addclosefrom_np(actions, NOTHING_MORE) != 0
               ? -1
               : 0;
}

/* A session of its own: Linux shares the CPU between sessions first (autogroup), so the loop does
 * not wait for the helper's slice. */
static pid_t start(struct shelf *s, const struct photo *p, const int files[2], int preview)
{
    char pixels[24];
    snprintf(pixels, sizeof pixels, "%llu", (unsigned long long)s->config->limits.pixels);
    char *arguments[] = {(char *)(uintptr_t)s->config->helper, (char *)(uintptr_t)p->mime, pixels,
                         NULL};
    char *nothing[] = {NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    pid_t pid = -1;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    int error =
        add_descriptors(&actions, files, preview) != 0
            ? ENOMEM
            : posix_spawn(&pid, s->config->helper, &actions, &attributes, arguments, nothing);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (error == 0)
        return pid;
    log_error("photos helper=%s: %s", s->config->helper, strerror(error));
    return -1;
}

/* Until it has ended, its time is over, or the shelf ends. True: it has ended. */
static bool await_end(const struct shelf *s, int process)
{
    struct pollfd either[] = {{.fd = process, .events = POLLIN},
                              {.fd = s->ending, .events = POLLIN}};
    int n;
    while ((n = poll(either, 2, HELPER_SECONDS * 1000)) < 0 && errno == EINTR)
        ;
    return n > 0 && either[0].revents != 0;
}

/* Whether it ended well, in time. */
static bool wait_for(const struct shelf *s, pid_t pid)
{
    int status = 0, process = (int)syscall(SYS_pidfd_open, pid, 0);
    pid_t ended;
    if (!await_end(s, process))
        kill(pid, SIGKILL);
    while ((ended = waitpid(pid, &status, 0)) < 0 && errno == EINTR)
        ;
    if (process >= 0)
        close(process);
    return ended == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool has_bytes(int file)
{
    struct stat is;
    return fstat(file, &is) == 0 && is.st_size > 0;
}

static void read_preview(int from, struct photo *p)
{
    ssize_t n = pread(from, p->preview, sizeof p->preview - 1, 0);
    p->preview[n < 0 ? 0 : n] = '\0';
    p->preview[strcspn(p->preview, "\n")] = '\0';
    if (!photo_ok(p))
        p->preview[0] = '\0';
}

static void remove_thumb(struct shelf *s, const char *name)
{
    char file[PHOTO_FILE_CHARS + 1];
    snprintf(file, sizeof file, "%s.thumb", name);
    unlinkat(s->coming, file, 0);
}

void helper_run(struct shelf *s, const char *name, struct photo *p)
{
    int files[2], preview = memfd_create("preview", MFD_CLOEXEC);
    bool made = false;
    p->preview[0] = '\0';
    if (open_pair(s, name, files) == 0 && preview >= 0) {
        pid_t pid = start(s, p, files, preview);
        made = pid > 0 && wait_for(s, pid) && has_bytes(files[1]);
    }
    if (made)
        read_preview(preview, p);
    else {
        remove_thumb(s, name);
        log_warn("photos: no thumbnail of a picture of %u × %u", p->width, p->height);
    }
    for (size_t i = 0; i < 2; i++)
        if (files[i] >= 0)
            close(files[i]);
    if (preview >= 0)
        close(preview);
}

/* mark.c - see mark.h. */
#include "mark.h"

#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define BOOT_ID_BYTES 36

/* The kernel's random name of this boot (random(4)); "" if the kernel has none. */
static void read_boot_id(char id[BOOT_ID_BYTES + 1])
{
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, id, BOOT_ID_BYTES);
    id[n < 0 ? 0 : n] = '\0';
    if (fd >= 0)
        close(fd);
}

enum mark_stop mark_read(const char *path)
{
    char boot[BOOT_ID_BYTES + 1], before[BOOT_ID_BYTES + 1] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return STOP_CLEAN;
    read_boot_id(boot);
    ssize_t n = read(fd, before, BOOT_ID_BYTES);
    close(fd);
    return n > 0 && strncmp(before, boot, BOOT_ID_BYTES) == 0 ? STOP_KILLED : STOP_OTHER_BOOT;
}

bool mark_write(const char *path)
{
    char boot[BOOT_ID_BYTES + 1];
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    read_boot_id(boot);
    if (write(fd, boot, strlen(boot)) != (ssize_t)strlen(boot))
        log_warn("store mark=%s: %s", path, strerror(errno));
    close(fd);
    return true;
}

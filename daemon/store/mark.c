/* mark.c - see mark.h. */
#include "mark.h"

#include "log.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ID_BYTES  32 /* hexadecimal digits */
#define MARK_MAX  63
#define BOOT_ID   "/proc/sys/kernel/random/boot_id"
#define BOOT_NAME "CHATD_BOOT_ID" /* where a service does not see that file: systemd's %b */

struct text {
    char at[MARK_MAX + 1];
};

/* "": there is no such file, or it is empty. */
static struct text read_file(const char *path)
{
    struct text t = {""};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, t.at, MARK_MAX);
    t.at[n < 0 ? 0 : n] = '\0';
    if (fd >= 0)
        close(fd);
    return t;
}

/* The kernel writes the id with hyphens (random(4)), systemd without. */
static struct text without_hyphens(const char *given)
{
    struct text t = {""};
    size_t n = 0;
    for (; *given != '\0' && !isspace((unsigned char)*given) && n < MARK_MAX; given++)
        if (*given != '-')
            t.at[n++] = *given;
    return t;
}

/* The random name of this boot; "": it is not known. */
static struct text boot_id(void)
{
    const char *given = getenv(BOOT_NAME);
    struct text id =
        given != NULL ? without_hyphens(given) : without_hyphens(read_file(BOOT_ID).at);
    return strlen(id.at) == ID_BYTES ? id : (struct text){""};
}

/* A boot that is not known is not another one. */
enum mark_stop mark_read(const char *path)
{
    if (access(path, F_OK) != 0)
        return STOP_CLEAN;
    struct text boot = boot_id(), before = without_hyphens(read_file(path).at);
    size_t n = strlen(before.at);
    if (n > 0 && (n != ID_BYTES || strspn(before.at, "0123456789abcdef") != n))
        return STOP_RESTORED;
    bool known = n > 0 && boot.at[0] != '\0';
    return known && strcmp(before.at, boot.at) != 0 ? STOP_OTHER_BOOT : STOP_KILLED;
}

bool mark_write(const char *path)
{
    struct text boot = boot_id();
    size_t n = strlen(boot.at);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    if (write(fd, boot.at, n) != (ssize_t)n)
        log_warn("store mark=%s: %s", path, strerror(errno));
    if (n == 0)
        log_warn("store: the id of this boot is not known, so a power cut looks like a kill, and "
                 "clients "
                 "may resume at lost numbers. Set " BOOT_NAME);
    close(fd);
    return true;
}

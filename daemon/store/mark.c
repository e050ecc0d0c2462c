/* mark.c - see mark.h. */
#include "mark.h"

#include "log.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ID_BYTES  32 /* hexadecimal digits */
#define MARK_MAX  63
#define BOOT_ID   "/proc/sys/kernel/random/boot_id"
#define BOOT_NAME "CHATD_BOOT_ID" /* where a service does not see that file: systemd's %b */
#define NO_ID     "unknown"       /* the mark, where the boot is not known */

struct text {
    char at[MARK_MAX + 1];
};

/* "": the file is empty or cannot be read; errno says why. */
static struct text read_file(const char *path)
{
    struct text t = {""};
    errno = 0;
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

static bool is_id(const char *text)
{
    return strlen(text) == ID_BYTES && strspn(text, "0123456789abcdef") == ID_BYTES;
}

/* A boot that is not known is not another one. */
enum mark_stop mark_read(const char *path)
{
    struct text boot = boot_id(), before = without_hyphens(read_file(path).at);
    if (before.at[0] == '\0')
        return errno == ENOENT ? STOP_CLEAN : STOP_UNKNOWN;
    if (strcmp(before.at, NO_ID) == 0)
        return STOP_KILLED;
    if (!is_id(before.at))
        return STOP_RESTORED;
    bool other = boot.at[0] != '\0' && strcmp(before.at, boot.at) != 0;
    return other ? STOP_OTHER_BOOT : STOP_KILLED;
}

/* --- writing -------------------------------------------------------------------------------- */

static int write_file(const char *path, const char *text)
{
    ssize_t size = (ssize_t)strlen(text);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    errno = ENOSPC; /* of a short write, which sets none */
    int rc = write(fd, text, (size_t)size) == size && fsync(fd) == 0 ? 0 : -1;
    int why = errno;
    close(fd);
    errno = why;
    return rc;
}

/* Makes the file's new name durable. */
static int sync_directory(const char *path)
{
    char directory[PATH_MAX];
    const char *slash = strrchr(path, '/');
    snprintf(directory, sizeof directory, "%.*s", slash == NULL ? 1 : (int)(slash - path + 1),
             slash == NULL ? "." : path);
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = fd < 0 ? -1 : fsync(fd);
    if (fd >= 0)
        close(fd);
    return rc;
}

int mark_write(const char *path)
{
    char whole[PATH_MAX];
    struct text boot = boot_id();
    bool known = boot.at[0] != '\0';
    snprintf(whole, sizeof whole, "%s.new", path);
    if (!known)
        log_warn("store: the id of this boot is not known, so a power cut looks like a kill, and "
                 "clients may resume at lost numbers. Set " BOOT_NAME);
    if (write_file(whole, known ? boot.at : NO_ID) != 0 || rename(whole, path) != 0)
        return -1;
    return sync_directory(path);
}

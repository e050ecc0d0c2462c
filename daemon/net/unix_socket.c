/* unix_socket.c - see unix_socket.h. */
#include "unix_socket.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* A killed daemon leaves its socket file, but connect() fails there. */
static bool is_served(const struct sockaddr_un *where)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool served = fd >= 0 && (connect(fd, (const struct sockaddr *)where, sizeof *where) == 0 ||
                              errno == EAGAIN); /* its queue is full */
    if (fd >= 0)
        close(fd);
    return served;
}

int unix_socket_listen(const char *path, mode_t mode, int backlog)
{
    struct sockaddr_un where = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof where.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(where.sun_path, path);
    struct stat there;
    if (lstat(path, &there) == 0 && !S_ISSOCK(there.st_mode)) {
        errno = EEXIST; /* not ours to delete */
        return -1;
    }
    if (is_served(&where)) {
        errno = EADDRINUSE;
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    unlink(path);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&where, sizeof where) == 0 &&
        chmod(path, mode) == 0 && listen(fd, backlog) == 0) /* listen() last: mode first */
        return fd;
    int why = errno;
    if (fd >= 0)
        close(fd);
    errno = why;
    return -1;
}

/* unix_socket.h - a listening unix socket at a path. */
#ifndef UNIX_SOCKET_H
#define UNIX_SOCKET_H

#include <sys/types.h>

/* A new non-blocking descriptor that listens; its file has the permissions `mode`. Replaces the
 * socket of a killed daemon. -1 with errno: EADDRINUSE if another process answers at `path`, EEXIST
 * if another kind of file is there. */
int unix_socket_listen(const char *path, mode_t mode, int backlog);

#endif

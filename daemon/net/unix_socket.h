/* unix_socket.h - a listening unix socket at a path. Called by: listen.c, control.c. */
#ifndef UNIX_SOCKET_H
#define UNIX_SOCKET_H

#include <sys/types.h>

/* A new non-blocking descriptor that listens, its file with these permissions; or -1 with errno.
 * What a daemon that was killed has left at `path` is replaced; EADDRINUSE: somebody answers there.
 */
int unix_socket_listen(const char *path, mode_t mode, int backlog);

#endif

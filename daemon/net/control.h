/* control.h - the operator's socket: each connection is an operator's session.
 *
 * Commands and replies are those of protocols/PROTOCOL.md, one JSON object a line. The socket's
 * mode is 0600, so that only its owner can connect. Loop thread only. */
#ifndef CONTROL_H
#define CONTROL_H

#include "chat/chat.h"

struct uv_loop_s;
struct control;

/* `path` NULL: control.sock in the service's runtime directory or in /run/chatd; if that fails, the
 * daemon goes on without a control socket, and *control_out is NULL. -1: `path` failed; it has
 * logged why. */
int control_create(struct control **control_out, struct uv_loop_s *loop, const char *path,
                   struct chat *chat);
/* Ends its connections. The loop must run on until the handles are closed. NULL is allowed. */
void control_destroy(struct control **c);

#endif

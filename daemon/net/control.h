/* control.h - the operator's socket: whoever may open it speaks with the role of the operator.
 *
 * The words are those of the chat (protocols/PROTOCOL.md), one JSON object a line, both ways; what
 * chatctl sends. Its file may be used by its owner only. Called by: app.c. Loop thread only. */
#ifndef CONTROL_H
#define CONTROL_H

#include "chat/chat.h"

struct uv_loop_s;
struct control;

/* `path`: as configured; NULL: /run/chatd, or what systemd has made for the service, and then it is
 * no failure if it cannot be had. *control_out is NULL without one. -1: it has logged why. */
int control_create(struct control **control_out, struct uv_loop_s *loop, const char *path,
                   struct chat *chat);
/* Ends its connections. The loop must run on until the handles are closed. NULL is allowed. */
void control_destroy(struct control **c);

#endif

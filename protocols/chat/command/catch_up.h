/* catch_up.h - before a node says that a room, a photo or a person does not exist: another node may
 * have it since a moment ago. Loop thread only. */
#ifndef COMMAND_CATCH_UP_H
#define COMMAND_CATCH_UP_H

#include <stdbool.h>

struct chat;

/* True: `done` follows, once, when this node has applied all that the server's log had by now, or
 * cannot for now. False: it has already, or is alone. */
bool catch_up(struct chat *chat, void (*done)(void *arg), void *arg);

#endif

/* timeout.h - pings or closes a session whose deadline has passed. Loop thread only. */
#ifndef CHAT_TIMEOUT_H
#define CHAT_TIMEOUT_H

#include <stdbool.h>

struct chat;

/* Turns the wheel to the current second, or as far as some hundreds of sessions. True: it has not
 * reached that second. Call some times a second. */
bool timeouts_tick(struct chat *chat);

/* Restarts the time limits of all connections. */
void timeouts_restart(struct chat *chat);

#endif

/* timeout.h - pings or closes a session whose deadline has passed. Loop thread only. */
#ifndef CHAT_TIMEOUT_H
#define CHAT_TIMEOUT_H

struct chat;

/* Turns the wheel to the current second. */
void timeouts_tick(struct chat *chat);

#endif

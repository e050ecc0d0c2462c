/* timeout.h - what happens to a session whose deadline is over: a ping, or a close. */
#ifndef CHAT_TIMEOUT_H
#define CHAT_TIMEOUT_H

struct chat;

/* Turns the wheel up to the present second. */
void timeouts_tick(struct chat *chat);

#endif

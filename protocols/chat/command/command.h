/* command.h - the way in: a whole message from a session becomes a command, which its handler
 * obeys. Loop thread only.
 *
 * A new command is a row and a handler in the file of its noun, and a test. */
#ifndef CHAT_COMMAND_H
#define CHAT_COMMAND_H

#include <stddef.h>

struct session;

/* Obeys one whole message; `text` is UTF-8, borrowed. Replies to every fault with an error. */
void command_obey(struct session *s, const char *text, size_t n);
/* Runs the commands that wait, as far as they may run now. */
void commands_go_on(struct session *s);

/* The client has sent a ping, which costs as much as the cheapest command. */
void command_ping(struct session *s);

#endif

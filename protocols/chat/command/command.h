/* command.h - the way in: a whole message from a session becomes a command and is obeyed.
 *
 * A new command is one row in table.c, one handler, one test. */
#ifndef CHAT_COMMAND_H
#define CHAT_COMMAND_H

#include <stddef.h>

struct session;

/* One whole message; `text` is UTF-8, borrowed. Every fault is answered by an error. */
void command_obey(struct session *s, const char *text, size_t n);
/* Runs the commands that wait, as far as they may run now. */
void commands_go_on(struct session *s);

#endif

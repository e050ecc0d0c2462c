/* heard.h - checks a message from another node, and keeps what it says until that node says
 * otherwise or falls silent. Loop thread only. */
#ifndef CHAT_HEARD_H
#define CHAT_HEARD_H

#include <stddef.h>

struct chat;

/* Ignores `text` unless it is a message that private.h describes: it may come from anyone. */
void heard_message(struct chat *chat, const char *text, size_t n);

#endif

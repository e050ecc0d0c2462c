/* heard.h - a message from another node: checked, then kept until that node says otherwise or falls
 * silent. */
#ifndef CHAT_HEARD_H
#define CHAT_HEARD_H

#include <stddef.h>

struct chat;

/* `text` need not be trusted. */
void heard_message(struct chat *chat, const char *text, size_t n);

#endif

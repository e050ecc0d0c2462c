/* naming.h - finds out whom a text mentions. Loop thread only. */
#ifndef COMMAND_NAMING_H
#define COMMAND_NAMING_H

#include <jansson.h>
#include <stdbool.h>

struct ask;
struct bytes;
struct chat;
struct request;
struct session;

/* Whether the `text` of the arguments may mention anybody: most do not, and the archive is not
 * asked about them. */
bool naming_possible(const struct chat *chat, const json_t *args);
/* Asks who has the nicks that the `text` of the request's arguments may mention; `done` ends the
 * request. NULL: no memory. */
struct ask *naming_ask(struct request *q, void (*done)(struct ask *ask));
/* Adds whom the text mentions, as the answer `ask` has them, at most limits.mentions, and (if a
 * moderator of the room of the request says it) the room. */
void naming_write(struct bytes *body, const struct session *s, const struct request *q,
                  const struct ask *ask);

#endif

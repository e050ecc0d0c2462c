/* submit.h - an event on its way into a log, for a session that may end meanwhile. */
#ifndef CHAT_SUBMIT_H
#define CHAT_SUBMIT_H

#include "chat/model/model.h"
#include "chat/model/journal.h"

struct request;
struct room_seed;

/* A body that begins with `from` and `key`; the caller adds members. */
struct bytes submit_body(const struct session *s, const char *key);
/* Ends the body and submits; room and body of `e` are filled in. The answer is `ok` with room, seq,
 * at, and the request's receipt. Consumes both; `q` NULL: no memory. */
enum err submit_take(struct request *q, struct event e, struct bytes *body);
/* Submits an event as it is; the caller answers. */
enum err submit(struct chat *chat, const struct event *e, journal_done *done, void *arg);
/* A room into the server's log: a new one, or (author 0) other words and rules. */
enum err submit_room(struct chat *chat, const struct room_seed *seed, uint64_t author,
                     const char *key, journal_done *done, void *arg);

#endif

/* submit.h - submits events to a log for a session, which may end before the answer.
 * Loop thread only. */
#ifndef CHAT_SUBMIT_H
#define CHAT_SUBMIT_H

#include "chat/model/model.h"
#include "chat/model/journal.h"

struct request;
struct room_seed;

/* A body that begins with `from` and `key`; the caller adds members, and submit_take() ends it. */
struct bytes submit_body(const struct session *s, const char *key);
/* Ends the body, fills in room and body of `e`, and submits. Replies later with `ok` (room, seq, at
 * and the request's receipt) or an error. ERR_UNAVAILABLE, also if `q` is NULL: no reply follows.
 * Consumes request and body on every path. */
enum err submit_take(struct request *q, struct event e, struct bytes *body);
/* Submits an event as it is; `done` replies. */
enum err submit(struct chat *chat, const struct event *e, journal_done *done, void *arg);
/* Submits a room to the server's log: a new one, or (author 0) a changed title, topic or rule. Also
 * ERR_BAD_FIELD: the title has too many characters to be compared with others. */
enum err submit_room(struct chat *chat, const struct room_seed *seed, uint64_t author,
                     const char *key, journal_done *done, void *arg);

#endif

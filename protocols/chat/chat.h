/* chat.h - the chat as the daemon sees it. Loop thread only.
 *
 * The core never touches a socket, a file, Redis or the clock: it is given tables of functions
 * (model/config.h) and told the time. Sockets open sessions (model/session.h) and hand messages to
 * command/command.h; the journal calls chat_apply(). */
#ifndef CHAT_CHAT_H
#define CHAT_CHAT_H

#include "model/model.h"
#include "model/journal.h"
#include "model/room.h"

#include "chat/base/standing.h"

/* Borrows all of `config` until chat_destroy(). NULL: no memory, or no Unicode tables. */
struct chat *chat_create(const struct chat_config *config);
/* Ends every session first: their peers must not call for them any more. */
void chat_destroy(struct chat **chat);

/* Tells the time: `now_ms` monotonic, `wall_ms` since 1970. Before anything else in a turn. */
void chat_clock(struct chat *chat, uint64_t now_ms, int64_t wall_ms);

/* limits.message_bytes */
size_t chat_message_bytes(const struct chat *chat);

/* What the archive knows at start. ERR_UNAVAILABLE: no memory. */
enum err chat_add_room(struct chat *chat, const struct room_seed *seed);
enum err chat_add_standing(struct chat *chat, const struct standing *s);
/* An open poll that closes by the clock. */
enum err chat_add_poll(struct chat *chat, const char *room, uint64_t seq, int64_t closes_ms);

/* Whether the room exists with the same title, topic and rules. */
bool chat_has_room(const struct chat *chat, const struct room_seed *seed);
/* Submits a room of the configuration: a new one, or other words and rules. `done` as for a submit.
 */
enum err chat_submit_room(struct chat *chat, const struct room_seed *seed, const char *key,
                          journal_done *done, void *arg);

/* The journal applies a new event, in the order of its room. */
void chat_apply(struct chat *chat, const struct event *e);
/* Whether the journal stores events: everybody is told of a change. At start it does. */
void chat_writable(struct chat *chat, bool on);

/* A message from another node; `text` need not be trusted. */
void chat_heard(struct chat *chat, const char *text, size_t n);
/* The bus works (again): this node says who is here and asks the others. */
void chat_bus_up(struct chat *chat);

/* Once a turn of the loop: sends everything that has changed. */
void chat_flush(struct chat *chat);
/* Some times a second: deadlines, `here` signals, polls that are due. */
void chat_tick(struct chat *chat);
/* Stops obeying commands. */
void chat_drain(struct chat *chat);
/* Ends every session with 4001 and a retry_after that spreads their return. */
void chat_farewell(struct chat *chat);

struct chat_stats chat_stats(const struct chat *chat);

#endif

/* chat.h - the chat as the daemon sees it. Loop thread only.
 *
 * The core never touches a socket, a file, Redis or the clock: chat_create() gets tables of
 * functions (model/config.h), chat_clock() the time. Connections open sessions (model/session.h)
 * and hand messages to command/command.h; the journal calls chat_apply(). */
#ifndef CHAT_CHAT_H
#define CHAT_CHAT_H

#include "model/model.h"
#include "model/journal.h"
#include "model/room.h"

#include "chat/base/standing.h"

/* Borrows all of `config` until chat_destroy(). NULL: no memory, or no Unicode tables. */
struct chat *chat_create(const struct chat_config *config);
/* Ends every session first: the owners of connections must not use their sessions afterwards. */
void chat_destroy(struct chat **chat);

/* Sets the time: `now_ms` monotonic, `wall_ms` since 1970; by `end_ms` bans, mutes, polls,
 * unused nicks and rooms end: the same, or earlier while `wall_ms` may be wrong. Call first in each
 * turn of the loop. */
void chat_clock(struct chat *chat, uint64_t now_ms, int64_t wall_ms, int64_t end_ms);
/* The time of the newest event of all rooms; 0: there is none. */
int64_t chat_newest_ms(const struct chat *chat);

/* limits.message_bytes: the longest message that a session may send. */
size_t chat_message_bytes(const struct chat *chat);

/* Adds what the archive has at start. ERR_UNAVAILABLE: no memory. */
enum err chat_add_room(struct chat *chat, const struct room_seed *seed);
enum err chat_add_standing(struct chat *chat, const struct standing *s);
/* An open poll that closes by the clock; `closes_ms`: wall clock. */
enum err chat_add_poll(struct chat *chat, const char *room, uint64_t seq, int64_t closes_ms);

/* Whether the room exists with the title, topic and rules of `seed`. */
bool chat_has_room(const struct chat *chat, const struct room_seed *seed);
/* The name of another room whose title people would confuse with that of `seed`. Borrowed; NULL:
 * there is none. */
const char *chat_room_titled(const struct chat *chat, const struct room_seed *seed);
/* The room of this name, if there is one, is in the configuration: nobody removes it. */
void chat_keep_room(struct chat *chat, const char *name);
/* Submits a room of the configuration: a new one, or a changed title, topic or rule. For `done` and
 * the errors see journal_ops.submit. */
enum err chat_submit_room(struct chat *chat, const struct room_seed *seed, const char *key,
                          journal_done *done, void *arg);

/* The branch of the history that the logs hold (BRANCH_MAX bytes at most): the journal says it when
 * it is attached, and when it changes. Cursors of another branch do not resume. */
void chat_set_branch(struct chat *chat, const char *branch);
/* Applies a new event. The journal calls this in the order of the room's numbers. */
void chat_apply(struct chat *chat, const struct event *e);
/* Notes whether the journal stores events, and tells every session. On at start. */
void chat_writable(struct chat *chat, bool on);

/* A message from another node; ignores one that is not valid. */
void chat_heard(struct chat *chat, const char *text, size_t n);
/* The bus works (again): tells the other nodes who is here, and asks them. */
void chat_bus_up(struct chat *chat);

/* Tells the other nodes about a photo: see cluster/tell.h. */
void chat_tell_photo(struct chat *chat, const char *word, const char *photo, unsigned first,
                     unsigned end);

/* Sends everything that has changed. Call it once a turn of the loop. */
void chat_flush(struct chat *chat);
/* Deadlines, `here` signals, polls that are due. Call it some times a second; true: sooner, since
 * more is due than one turn of the loop may do. */
bool chat_tick(struct chat *chat);
/* The process has not run for some seconds: nobody could be heard, so no time limit of a connection
 * has passed. */
void chat_paused(struct chat *chat);
/* Obeys no more commands, neither new ones nor those that wait. */
void chat_drain(struct chat *chat);
/* Ends every session with 4001 and a retry_after that spreads their return. */
void chat_farewell(struct chat *chat);

struct chat_stats chat_stats(const struct chat *chat);

#endif

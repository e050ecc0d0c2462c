/* chat.h - the chat as the rest of the daemon sees it: rooms, people, and sessions that speak.
 *
 * Called by: protocols/ (sockets), daemon/ (journal, archive, timers). The core never touches a
 * socket, a file, Redis or the clock: it is given ops tables and told the time. Loop thread only.
 */
#ifndef CHAT_CHAT_H
#define CHAT_CHAT_H

#include "chat/base/err.h"
#include "chat/base/event.h"
#include "chat/base/rate.h"
#include "chat/base/role.h"
#include "chat/base/standing.h"
#include "chat/model/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chat;
struct session; /* one connection's speaker */

/* How a session reaches its connection. */
struct sink_ops {
    /* Sends whole frames, as many as the socket takes at once, and returns their bytes. Of a frame
     * that the socket takes in part the sink keeps the rest and counts the whole. Less than `n`:
     * session_writable() follows when there is room again. -1: the connection is dead. */
    ptrdiff_t (*send)(void *peer, const char *frames, size_t n);
    /* Ends the connection soon, never within this call. `reason` is borrowed. */
    void (*close)(void *peer, enum close_code code, const char *reason);
    /* Sends a ping, if the socket takes one at once. */
    void (*ping)(void *peer);
    /* Off: reads nothing more from the socket, so that its sender waits. On: reads again. */
    void (*listen)(void *peer, bool on);
};

/* Borrows all of `config` until chat_destroy(). NULL: no memory, or no Unicode tables. */
struct chat *chat_create(const struct chat_config *config);
/* Ends every session first (their peers must not speak for them any more). */
void chat_destroy(struct chat **chat);

/* Tells the time: `now_ms` monotonic, `wall_ms` since 1970. Before anything else in a turn. */
void chat_clock(struct chat *chat, uint64_t now_ms, int64_t wall_ms);

/* limits.message_bytes */
size_t chat_message_bytes(const struct chat *chat);

/* A room that the archive knows, at start. */
struct room_seed {
    const char *name, *title, *topic;
    const char *log; /* names the log's history: a resume from another one is refused */
    enum role post;  /* the least role that may say something */
    uint64_t last;   /* the newest event; 0: none */
};
enum err chat_add_room(struct chat *chat, const struct room_seed *seed);
/* Whether it is there with the same title, topic and rules. */
bool chat_has_room(const struct chat *chat, const struct room_seed *seed);

/* An open poll that the archive knows, at start, which closes by the clock. ERR_UNAVAILABLE: no
 * memory. */
enum err chat_add_poll(struct chat *chat, const char *room, uint64_t seq, int64_t closes_ms);

/* One that the archive knows, at start. ERR_UNAVAILABLE: no memory. */
enum err chat_add_standing(struct chat *chat, const struct standing *s);

/* A room of the configuration, through the journal: new, or with other words and rules than before.
 * `done` as for a submit. */
enum err chat_submit_room(struct chat *chat, const struct room_seed *seed, const char *key,
                          journal_done *done, void *arg);

/* The journal tells a new event, in the order of its room. */
void chat_apply(struct chat *chat, const struct event *e);

/* Another node said it; `text` need not be trusted. */
void chat_heard(struct chat *chat, const char *text, size_t n);
/* The bus can be used (again): says who is here and asks others. */
void chat_bus_up(struct chat *chat);

/* Events can be stored from now on, or not: everybody is told. They can, at start. */
void chat_writable(struct chat *chat, bool on);

/* Once per turn of the loop: everything that changed goes out. */
void chat_flush(struct chat *chat);
/* Some times a second: idle connections, who is here. */
void chat_tick(struct chat *chat);
/* Stops: no command is obeyed any more. */
void chat_drain(struct chat *chat);
/* Ends every session with 4001 and a retry_after that spreads their return. */
void chat_farewell(struct chat *chat);

struct chat_stats {
    size_t rooms, sessions, identities, members;
    size_t nodes; /* other ones, alive */
    uint64_t commands, errors, events, signals, fetches, closed_slow, closed_flood, closed_no_hello;
};
struct chat_stats chat_stats(const struct chat *chat);

/* Where connections come from: what all of one address share. All zero is a new one. */
struct source {
    struct rate nicks; /* new ones */
    bool unlimited;    /* a proxy's, or the machine's own */
};

/* A connection. `peer` is the sink's own; both borrowed until session_destroy(). NULL: no memory.
 */
struct session *session_open(struct chat *chat, const struct sink_ops *ops, void *peer,
                             struct source *source);
/* One that the operator speaks through: it needs no hello, and may do what moderators and admins
 * may, but not what members do. */
struct session *session_open_operator(struct chat *chat, const struct sink_ops *ops, void *peer);
/* One whole message. `text` is UTF-8, borrowed. */
void session_message(struct session *s, const char *text, size_t n);
/* Whether nothing is on its way to it that it has asked for. */
bool session_is_idle(const struct session *s);
/* The other side is alive. */
void session_heard(struct session *s);
void session_writable(struct session *s);
/* The connection is gone. */
void session_destroy(struct session **s);

#endif

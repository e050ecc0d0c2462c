/* journal.h - the only way into a log.
 *
 * The journal (SQLite alone, or Redis) numbers events and makes them durable. Then, on the loop
 * thread, it calls chat_apply() for each event, in the order of its room's numbers, and the
 * submit's `done`. The core does not know which journal it has. Loop thread only. */
#ifndef CHAT_JOURNAL_H
#define CHAT_JOURNAL_H

#include "chat/base/err.h"
#include "chat/base/event.h"

struct bytes;
struct chat;
struct journal;

/* Called exactly once for a submit that returned 0, on the loop thread, never before it returned,
 * and after chat_apply() if the event is new. `seq` and `at_ms` are set for OK only. A key that was
 * used for the same content gives OK with the first event's numbers. Errors: ERR_CONFLICT,
 * ERR_UNAVAILABLE, ERR_NOT_FOUND and ERR_NO_SUCH_ROOM; for the server's log ERR_ROOM_EXISTS,
 * ERR_FULL, ERR_NICK_TAKEN; and whatever a feature of the store answers to its kind (polls:
 * ERR_CLOSED, ERR_BAD_FIELD). */
typedef void journal_done(void *arg, enum err err, uint64_t seq, int64_t at_ms);

struct journal_ops {
    /* `e` is borrowed for this call; its seq and at_ms are ignored. 0, or ERR_UNAVAILABLE (then
     * `done` is never called): too much is waiting, no memory, or the journal is closing. */
    enum err (*submit)(struct journal *j, const struct event *e, journal_done *done, void *arg);
    /* A session joins the room; `seq` is the newest event that the client has, or 0. With SEQ_MAX
     * the journal asks for events that this node has not heard of. True: this node has the room's
     * log, as new as it can be. False: `done` follows, once, on the loop
     * thread, when it has. NULL: it always has, and `unfollow` and `may_exist` are NULL, too. */
    bool (*follow)(struct journal *j, const char *room, uint64_t seq, void (*done)(void *arg),
                   void *arg);
    /* After `follow`: whether an event `seq`, which is beyond this node's log, may exist. */
    bool (*may_exist)(const struct journal *j, const char *room, uint64_t seq);
    /* The room has been empty for a while: its new events may arrive late. False: ask again. */
    bool (*unfollow)(struct journal *j, const char *room);
    /* Fetches the event's secret, which the archive lacks. Calls `done` once, on the loop thread,
     * perhaps before this returns, also if the secret is out of reach for now. NULL: the archive
     * never lacks one. */
    void (*secret)(struct journal *j, const char *room, uint64_t seq, void (*done)(void *arg),
                   void *arg);

    /* --- the daemon's part: the core calls none of these ------------------------------------- */

    /* From here on the journal applies events to `chat`. Call once, before the loop runs, when the
     * chat has everything from the archive. */
    void (*attach)(struct journal *j, struct chat *chat);
    /* Sends the submits that it has gathered. Call each time before the loop sleeps. */
    void (*flush)(struct journal *j);
    /* Answers waiting submits with ERR_UNAVAILABLE and starts to close its handles. Call once,
     * before the store ends; the loop must run until the handles are closed. */
    void (*stop)(struct journal *j);
    /* Call after stop(), or without it if attach() was never called. */
    void (*destroy)(struct journal **j);
    /* Why events cannot be stored now; NULL: they can. Borrowed until the loop's next turn. */
    const char *(*fault)(const struct journal *j);
    /* Whether this node has the events of all rooms, but for those of the last minute: only then
     * something may end because no event has come. */
    bool (*caught_up)(const struct journal *j);
    /* Submits and jobs of the store that have no answer yet. */
    size_t (*waiting)(const struct journal *j);
    /* Appends a line for each setting that endangers acknowledged events. */
    void (*warn)(const struct journal *j, struct bytes *to);
    /* The time since 1970: by the clock that all nodes share, or else by this machine. */
    int64_t (*wall_ms)(const struct journal *j);
    /* Appends lines for /metrics. */
    void (*metrics)(const struct journal *j, struct bytes *to);
};

#endif

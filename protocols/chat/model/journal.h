/* journal.h - the single door by which anything enters a log.
 *
 * Whoever stands behind it (one SQLite, or Redis) numbers events, makes them durable, and then, on
 * the loop thread, calls chat_apply() for each in the order of its room's numbers and the submit's
 * `done` for the sender. The core cannot tell who it is. */
#ifndef CHAT_JOURNAL_H
#define CHAT_JOURNAL_H

#include "chat/base/err.h"
#include "chat/base/event.h"

struct bytes;
struct chat;
struct journal;

/* Called exactly once for a submit that returned 0, on the loop thread, never before it returned,
 * and after chat_apply() if the event is new. `seq` and `at_ms` are meant for OK only. A key that
 * was used for the same content gives OK with the first event's numbers. Errors: ERR_CONFLICT,
 * ERR_UNAVAILABLE, ERR_NOT_FOUND and ERR_NO_SUCH_ROOM; for the server's log ERR_ROOM_EXISTS,
 * ERR_FULL, ERR_NICK_TAKEN. */
typedef void journal_done(void *arg, enum err err, uint64_t seq, int64_t at_ms);

struct journal_ops {
    /* `e` is borrowed for this call; its seq and at_ms are ignored. 0, or ERR_UNAVAILABLE (then
     * `done` is never called): too much is waiting, no memory, or the journal is closing. */
    enum err (*submit)(struct journal *j, const struct event *e, journal_done *done, void *arg);
    /* Somebody comes into the room. True: its log is here, as new as it can be. False: `done`
     * follows, once, on the loop thread, when it is. NULL: it always is, and `unfollow` is NULL,
     * too. */
    bool (*follow)(struct journal *j, const char *room, void (*done)(void *arg), void *arg);
    /* Nobody has been in the room for a while: it need not be told at once what is said there. */
    void (*unfollow)(struct journal *j, const char *room);
    /* The archive lacks the secret of this event, whose kind has one. `done` follows, once, on the
     * loop thread, when it is there, or cannot be reached for now. NULL: it never lacks one. */
    void (*secret)(struct journal *j, const char *room, uint64_t seq, void (*done)(void *arg),
                   void *arg);

    /* --- the daemon's part: the core calls none of these ------------------------------------- */

    /* From here on the journal applies events to `chat`. Once, before the loop runs, after the chat
     * has loaded what the archive knows. */
    void (*attach)(struct journal *j, struct chat *chat);
    /* Sends what it has gathered. Each time before the loop sleeps. */
    void (*flush)(struct journal *j);
    /* Answers what it holds back with ERR_UNAVAILABLE and starts to close its handles. Once, before
     * the store ends; the loop must run until the handles are closed. */
    void (*stop)(struct journal *j);
    /* After that, or at once if nothing was attached. */
    void (*destroy)(struct journal **j);
    /* Why events cannot be stored now, a static string; NULL: they can. */
    const char *(*fault)(const struct journal *j);
    /* Submits and jobs of the store that have no answer yet. */
    size_t (*waiting)(const struct journal *j);
    /* Appends a line for each setting that endangers acknowledged events. */
    void (*warn)(const struct journal *j, struct bytes *to);
    /* The clock that all nodes share, in ms since 1970; 0: use this machine's. */
    int64_t (*wall_ms)(const struct journal *j);
    /* Appends lines for /metrics. */
    void (*metrics)(const struct journal *j, struct bytes *to);
};

#endif

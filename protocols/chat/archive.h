/* archive.h - what the core asks of the store that keeps the logs: reading, and two small marks.
 *
 * Every question is answered off the loop; its answer comes on the loop thread, exactly once, never
 * before the question returned. What an answer points to is borrowed for the callback. A question
 * that returns ERR_UNAVAILABLE is never answered. */
#ifndef CHAT_ARCHIVE_H
#define CHAT_ARCHIVE_H

#include "chat/base/err.h"
#include "chat/base/event.h"
#include "chat/base/nick.h"

#include <stdbool.h>

struct archive;

#define TOKEN_HASH_BYTES 32

/* A page: `items` is a JSON array, oldest first; `more` says that older ones exist. */
typedef void archive_page_done(void *arg, enum err err, const char *items, size_t n, bool more);

/* Events in order, each a frame for the wire, the last one's number `last` (0: none). */
typedef void archive_events_done(void *arg, enum err err, const char *frames, size_t n,
                                 uint64_t last);

struct archive_item {
    uint64_t author;
    enum event_kind kind;
    bool deleted;
    bool key_known; /* the asker's key stands in the log already */
};

/* Whether the author's key stands in the server's log. */
typedef void archive_known_done(void *arg, enum err err, bool known);

/* ERR_NOT_FOUND: there is no such item. */
typedef void archive_item_done(void *arg, enum err err, const struct archive_item *item);

struct archive_identity {
    uint64_t id;
    const char *nick;
    const unsigned char *token_hash; /* TOKEN_HASH_BYTES */
    int64_t seen_ms;
};

struct archive_marker {
    const char *room;
    uint64_t read;
    bool joined;
};

/* `who` is NULL if nobody has this skeleton. */
typedef void archive_identity_done(void *arg, enum err err, const struct archive_identity *who,
                                   const struct archive_marker *markers, size_t n);

/* A poll as it is now. */
struct archive_poll {
    uint64_t author;
    unsigned options, max;
    bool secret, live; /* live: its counts are told before it is closed */
    bool closed;
    bool has_key; /* what voters are called in the log is made with `key`, see poll.h */
    unsigned char key[SECRET_BYTES];
};

/* ERR_NOT_FOUND: there is no such poll, or it was deleted. */
typedef void archive_poll_done(void *arg, enum err err, const struct archive_poll *poll);

/* What was voted in a closed poll, by nobody: `items` is a JSON array of {code, choices}, ordered
 * by code. ERR_NOT_FOUND; ERR_FORBIDDEN: it is not closed. */
typedef void archive_ballots_done(void *arg, enum err err, const char *items, size_t n, bool more);

/* How many events of the room come after a number, counted up to a limit. */
typedef void archive_count_done(void *arg, enum err err, size_t n);

struct archive_ops {
    /* The newest `limit` items with a seq below `before` (0: all), as `identity` may see them. */
    enum err (*page)(struct archive *a, const char *room, uint64_t before, unsigned limit,
                     uint64_t identity, archive_page_done *done, void *arg);
    /* Events after `after` and up to `upto`, as many as fit into `bytes_max`, at least one if there
     * is one. The archive may know more than the loop has been told: `upto` keeps it back. */
    enum err (*events)(struct archive *a, const char *room, uint64_t after, uint64_t upto,
                       size_t bytes_max, archive_events_done *done, void *arg);
    enum err (*count)(struct archive *a, const char *room, uint64_t after, size_t limit,
                      archive_count_done *done, void *arg);
    enum err (*item)(struct archive *a, const char *room, uint64_t seq, uint64_t identity,
                     const char *key, archive_item_done *done, void *arg);
    enum err (*known)(struct archive *a, uint64_t author, const char *key, archive_known_done *done,
                      void *arg);
    enum err (*poll)(struct archive *a, const char *room, uint64_t seq, archive_poll_done *done,
                     void *arg);
    /* Leaves out the first `after` of them. */
    enum err (*ballots)(struct archive *a, const char *room, uint64_t poll, uint64_t after,
                        unsigned limit, archive_ballots_done *done, void *arg);
    /* Who has a role, a ban or a mute in the room, or (SERVER_LOG) everywhere, that still holds at
     * `now_ms`: items of {nick, role, banned?, muted?}, by nick, the first `limit` of them. */
    enum err (*standings)(struct archive *a, const char *room, int64_t now_ms, unsigned limit,
                          archive_page_done *done, void *arg);
    enum err (*identity)(struct archive *a, const char *skeleton, archive_identity_done *done,
                         void *arg);
    /* Keeps a person's marker of a room. Of `read` the greatest stays: another node may not have
     * known how far she was. Of `joined` the latest; a failure is only logged. */
    void (*mark)(struct archive *a, uint64_t identity, const struct archive_marker *m);
};

#endif

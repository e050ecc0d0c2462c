/* ask.h - the questions that the core asks of the archive, the store that keeps the logs.
 *
 * A question is a struct that begins with struct ask. The asker fills in the question; the archive
 * adds the answer off the loop and calls done() on the loop thread, once, never before ask() has
 * returned. A new question is one kind, one struct, and one function of each archive.
 * Loop thread only, but for the archive while it answers. */
#ifndef CHAT_ASK_H
#define CHAT_ASK_H

#include "chat/base/err.h"
#include "chat/base/event.h"
#include "chat/base/level.h"
#include "chat/base/nick.h"
#include "chat/base/photo.h"
#include "chat/base/token.h"

struct archive;
struct chat_config;

enum ask_kind {
    ASK_PAGE,
    ASK_EVENTS,
    ASK_COUNT,
    ASK_ITEM,
    ASK_KEY,
    ASK_POLL,
    ASK_BALLOTS,
    ASK_STANDINGS,
    ASK_IDENTITY,
    ASK_PINS,
    ASK_PINNED,
    ASK_PHOTOS,
    ASK_PHOTO,
    ASK_UPLOADER,
    ASK_NAMES,
    ASK_UNREAD,
    ASK_MENTIONS,
    ASK_SEARCH,
    ASK_KINDS,
};

struct ask {
    enum ask_kind kind;
    char room[ROOM_NAME_MAX + 1]; /* SERVER_LOG: everywhere, or not about a room */
    uint64_t turn; /* the archive answers the lowest first, and equal ones in the order asked */
    void (*done)(struct ask *ask);
    void *arg; /* the asker's */
    /* the answer; `text` and `rows` are freed with the question */
    enum err err;     /* OK, ERR_UNAVAILABLE, or an error that the question lists */
    uint64_t took_us; /* the archive's time, without waiting */
    struct bytes text, rows;
};

/* At most `limit` items of a room, as `identity` may see them: the oldest ones from the seq `from`
 * on; or those around the seq `around`, at most half of them from it on; or the newest ones below
 * the seq `before`. All three 0: the newest ones. Text: a JSON array, oldest first. Rows: another
 * one, of the acts that belong between these items, so that pages that follow each other have each
 * act once; at most 100. */
struct ask_page {
    struct ask ask; /* first */
    uint64_t before, from, around, identity;
    unsigned limit;
    bool more, newer; /* older ones exist; newer ones exist */
};

/* Events after `after` and up to `upto`, as many as fit into `bytes_max`, at least one if one
 * exists. The archive may be ahead of the loop: `upto` holds it back. Text: frames for the wire. */
struct ask_events {
    struct ask ask; /* first */
    uint64_t after, upto;
    size_t bytes_max;
    uint64_t last; /* seq of the last event in `text`; 0: none */
};

/* The number of events after `after`, counted up to `limit`. */
struct ask_count {
    struct ask ask; /* first */
    uint64_t after;
    size_t limit;
    size_t n; /* the answer */
};

/* The item `seq`. ERR_NOT_FOUND: no such item. */
struct ask_item {
    struct ask ask; /* first */
    uint64_t seq, identity;
    char key[ID_MAX + 1];
    uint64_t author;
    enum event_kind kind;
    bool deleted;
    bool key_known; /* the log already has this `key` of `identity` */
};

/* Whether the server's log already has this key of this author. */
struct ask_key {
    struct ask ask; /* first */
    uint64_t author;
    char key[ID_MAX + 1];
    bool known;
};

/* A poll as it is now. ERR_NOT_FOUND: no such poll, or a deleted one. */
struct ask_poll {
    struct ask ask; /* first */
    uint64_t seq;
    uint64_t author;
    unsigned options, max;
    bool secret, live; /* live: members see its counts before it is closed */
    bool closed;
    bool has_key; /* the archive holds the poll's `key`, see voter.h */
    unsigned char key[SECRET_BYTES];
};

/* The votes in a closed poll, without voters, skipping the first `after`. ERR_NOT_FOUND: no such
 * poll. ERR_FORBIDDEN: it is open. Text: a JSON array of {code, choices}, ordered by code. */
struct ask_ballots {
    struct ask ask; /* first */
    uint64_t poll, after;
    unsigned limit;
    bool more;
};

/* The roles, bans and mutes in a room, or (SERVER_LOG) everywhere, that still hold at `now_ms`
 * (wall clock), the first `limit` by nick. Text: a JSON array of {nick, role, banned?, muted?}. */
struct ask_standings {
    struct ask ask; /* first */
    int64_t now_ms;
    unsigned limit;
    bool more;
};

/* How far a person has read in a room, and whether they are a member. */
struct archive_marker {
    char room[ROOM_NAME_MAX + 1];
    uint64_t read, backs;
    bool joined;
    enum level level;
};

/* The holder of a nick's skeleton. Text: the nick, with its NUL. Rows: struct archive_marker. */
struct ask_identity {
    struct ask ask; /* first */
    char skeleton[SKELETON_BYTES_MAX + 1];
    bool found; /* false: nobody holds it */
    uint64_t id;
    int64_t seen_ms;
    uint64_t pause_ms;
    unsigned char token_hash[TOKEN_HASH_BYTES];
};

/* The pinned items of a room, those pinned last first. Rows: uint64_t, their seqs. */
struct ask_pins {
    struct ask ask;   /* first */
    uint64_t changes; /* the asker's */
};

/* The same, as items that `identity` may see. Text: a JSON array. */
struct ask_pinned {
    struct ask ask; /* first */
    uint64_t identity;
};

/* Photos that a person wants to show. ERR_NOT_FOUND: one of them is unknown, another person's, was
 * uploaded before `after_ms`, or is in a message already; but with `key_known` the latter is none.
 * Rows: struct photo, in the order of `names`. */
struct ask_photos {
    struct ask ask; /* first */
    uint64_t identity;
    char key[ID_MAX + 1];
    int64_t after_ms; /* wall clock */
    size_t count;
    char names[PHOTOS_MAX][PHOTO_NAME_CHARS + 1];
    bool key_known; /* the log already has this `key` of `identity` */
};

/* Looks up the photo `photo.name` of any person. ERR_NOT_FOUND: nobody has uploaded it, or it is
 * gone. */
struct ask_photo {
    struct ask ask; /* first */
    struct photo photo;
};

/* The holder of a token, what they have uploaded to all nodes since `day_ms`, and how many of it
 * since `minute_ms` (wall clock). ERR_NOT_FOUND: nobody holds it. */
struct ask_uploader {
    struct ask ask; /* first */
    unsigned char token_hash[TOKEN_HASH_BYTES];
    int64_t day_ms, minute_ms;
    uint64_t id;
    uint64_t bytes;
    unsigned recent;
};

/* The holder of a nick's skeleton; `place`: of it in the question, from 0. */
struct archive_name {
    size_t place;
    uint64_t identity;
    char nick[NICK_BYTES_MAX + 1];
};

/* Who has the nicks with these skeletons. Text, by the asker: the skeletons, each with its NUL.
 * Rows: struct archive_name for each that somebody holds, in this order. */
struct ask_names {
    struct ask ask; /* first */
};

#define UNREAD_MAX 999 /* so many mentions of a room are counted */

/* A room of a person, up to the number `last`. */
struct archive_unread {
    char room[ROOM_NAME_MAX + 1];
    uint64_t read, last;
    unsigned mentions; /* the answer, at most UNREAD_MAX */
};

/* How many mentions a person has not read. Rows, by the asker: struct archive_unread. */
struct ask_unread {
    struct ask ask; /* first */
    uint64_t identity;
};

/* A place among the mentions of a person. */
struct mention_place {
    int64_t at_ms;
    uint64_t seq, room; /* the archive's number of the room */
};

/* The newest `limit` messages before `before` that mention a person, and reactions to theirs, in
 * some rooms. Text, by the asker: their names as a JSON array, with its NUL; then the answer, a
 * JSON array, newest first. */
struct ask_mentions {
    struct ask ask; /* first */
    uint64_t identity;
    struct mention_place before;
    unsigned limit;
    bool more;
    struct mention_place last; /* of the answer */
};

#define SEARCH_TEXT_MAX 1000 /* bytes */
#define SEARCH_MAX      50   /* items of an answer */

enum search_has { SEARCH_ALL, SEARCH_PHOTO, SEARCH_POLL, SEARCH_LINK };

/* Where a search goes on: behind this item, in the order of its answer. All 0: at its begin. */
struct search_from {
    int64_t at_ms, room; /* `room` is a number of the archive */
    uint64_t seq;
};

/* Items of the rooms in `rows`, newest first, with all the words of `text` (chat/base/words.h), by
 * the nick `from` ("": anybody's), as `identity` may see them. Rows are the question's: names of
 * rooms, each of ROOM_NAME_MAX + 1 bytes, sorted. The archive looks at so much at once; then it
 * answers with less than `limit`, perhaps nothing, and `more`. Text: a JSON array. */
struct ask_search {
    struct ask ask; /* first */
    char text[SEARCH_TEXT_MAX + 1], from[NICK_BYTES_MAX + 1];
    enum search_has has;
    uint64_t identity;
    unsigned limit;
    struct search_from next; /* of the question; then of the next one */
    bool more;
};

#define ASK_FIRST(question) _Static_assert(offsetof(struct question, ask) == 0, "begins with ask")
ASK_FIRST(ask_page);
ASK_FIRST(ask_events);
ASK_FIRST(ask_count);
ASK_FIRST(ask_item);
ASK_FIRST(ask_key);
ASK_FIRST(ask_poll);
ASK_FIRST(ask_ballots);
ASK_FIRST(ask_standings);
ASK_FIRST(ask_identity);
ASK_FIRST(ask_pins);
ASK_FIRST(ask_pinned);
ASK_FIRST(ask_photos);
ASK_FIRST(ask_photo);
ASK_FIRST(ask_uploader);
ASK_FIRST(ask_names);
ASK_FIRST(ask_unread);
ASK_FIRST(ask_mentions);
ASK_FIRST(ask_search);

struct archive_ops {
    /* OK: done() follows, and then the archive destroys the question. ERR_UNAVAILABLE: the question
     * stays the caller's. */
    enum err (*ask)(struct archive *a, struct ask *ask);
    /* Keeps a person's marker of a room, borrowed for this call: the later place (marker.h), since
     * another node may know less, and the latest `joined`. A failure is only logged. */
    void (*mark)(struct archive *a, uint64_t identity, const struct archive_marker *m);
};

/* A new question of `size` bytes, zero but for the other arguments; `room` may be NULL. NULL: no
 * memory. */
void *ask_create(size_t size, enum ask_kind kind, const char *room, void (*done)(struct ask *ask),
                 void *arg);
void ask_destroy(struct ask **ask);
/* Asks the archive. ERR_UNAVAILABLE, also if `ask` is NULL: destroys it, done() does not follow. */
enum err ask_take(const struct chat_config *config, struct ask *ask);

#endif

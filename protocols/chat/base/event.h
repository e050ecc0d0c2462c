/* event.h - one entry of a log, and its text on the wire. Pure, any thread.
 *
 * A new kind is a row of kinds.h. Never touches: where logs are kept. */
#ifndef CHAT_EVENT_H
#define CHAT_EVENT_H

#include "bytes.h"
#include "kinds.h"

#include <stdbool.h>

enum event_class {
    CLASS_NONE,   /* no such kind */
    CLASS_ITEM,   /* stands in a room's history */
    CLASS_CHANGE, /* changes the item `of` */
    CLASS_TALLY,  /* counts for the item `of`: members see the result that the store adds */
    CLASS_ACT,    /* about the identity `of` */
    CLASS_RULE,   /* changes the room itself */
    CLASS_SERVER, /* in the server's log only */
    CLASS_VOID,
};

/* How a node that was cut off submits its event again, after the others closed the generation
 * without it, so that all nodes end with the same rows. See event_repeat(). */
enum event_repeat {
    REPEAT_NEVER, /* only the log itself makes it */
    REPEAT_SAME,  /* unchanged: a log that has its key rejects it. For events that occur once */
    /* With EVENT_REPEATED in its body it takes effect at its new place: a node that has had it at
     * another one applies it a second time and ignores the verdict. For events that replace an
     * earlier one of the same author: votes. */
    REPEAT_MOVES,
    /* Without the members that the store added, so that each store judges it again, and without
     * those that held at its first place only. */
    REPEAT_REJUDGED,
    REPEAT_ACT,      /* an act takes effect again on every node */
    REPEAT_DECISION, /* the same, but never the copy in a room's log */
};

/* The journal keeps a secret for some events: random bytes, the same on every node, that never
 * enter a log. A later event destroys them. */
#define SECRET_BYTES 32
enum event_secret {
    SECRET_NONE,
    SECRET_OWN,  /* the journal keeps a secret with this event */
    SECRET_ENDS, /* destroys the secret of the event `of` */
    SECRETS_END, /* destroys the secrets of the events that it purges */
};

enum event_kind {
#define EVENT_KIND(name, number, ...) EVENT_##name = number,
    EVENT_KINDS(EVENT_KIND)
#undef EVENT_KIND
        EVENT_ITEM_END = 16,
    EVENT_ACT_BEGIN = 32,
    EVENT_ACT_END = 64,
    EVENT_KIND_MAX = 127,
};

struct event_traits {
    const char *type; /* its name on the wire */
    enum event_class class;
    enum event_repeat repeat;
    enum event_secret secret;
    const char *superseded; /* see kinds.h; NULL: nothing replaces it */
    bool redacts;           /* removes the text of the item `of` and of its edits */
    bool purges;            /* removes the text of earlier items of the room */
};

/* Static, never NULL. A number that is not a kind gives "unknown" and CLASS_NONE. */
const struct event_traits *event_traits(enum event_kind kind);
/* Whether a change can name an event of this kind. A gap is part of a history, but has no author.
 */
bool event_is_item(enum event_kind kind);

#define ROOM_NAME_MAX 48 /* bytes of a room's name */
#define ID_MAX        64 /* bytes of a client's key */
#define ID_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

/* The server's log, which no client can join: rooms, identities and acts, in order. */
#define SERVER_LOG ""

struct event {
    const char *room; /* the room's name, or SERVER_LOG */
    uint64_t seq;     /* > 0, growing in the room, < 2^53 */
    int64_t at_ms;    /* wall clock, see event_time(): what readers see */
    int64_t wall_ms;  /* when the log took it: lengths count from here. at_ms, unless a clock that
                         was ahead has left the room a later one; only for a new event, else 0 */
    enum event_kind kind;
    uint64_t author;  /* an identity; 0: the daemon itself */
    uint64_t of;      /* the seq of an item, or an identity, by its class; 0: none */
    const char *key;  /* the author's id for this event; NULL: none */
    const char *body; /* a JSON object without blanks: the members after "at" */
    size_t body_bytes;
};

/* Appends {"type":…,"room":…,"seq":…,"at":…, and the members of the body}, as members see it:
 * without the identities of mention.h. */
void event_write(struct bytes *to, const struct event *e);
/* The same as one WebSocket frame. */
void event_frame(struct bytes *to, const struct event *e);

/* The time of an event that has the time `at_ms`, behind one of `last_ms` in its log. It never goes
 * back, except by more than a day: then `last_ms` was wrong, and must not date what follows it.
 * Such a time is found out by the next event and not by a clock, as nodes read a log at different
 * times and must agree. */
int64_t event_time(int64_t at_ms, int64_t last_ms);
#define EVENT_AHEAD_MS                                                                             \
    ((int64_t)24 * 3600 * 1000) /* no clock that a node follows is so far ahead */

/* 64-bit FNV-1a of room, kind, `of` and body, up to what mention.h adds: tells a retry from another
 * event with its key. */
uint64_t event_hash(const struct event *e);

/* What an event replaces and what replaces it: earlier and later ones with the same number in its
 * log. 0: nothing. */
uint64_t event_place(const struct event *e);

/* The member that event_repeat() adds to the body of an event that REPEAT_MOVES. */
#define EVENT_REPEATED "\"again\":true"
bool event_is_repeated(const struct event *e);

/* Makes the event that a node submits again for `e`. False: its kind forbids it, or no memory.
 * *again borrows from `e` and `body`; `body` must be empty, and the caller finishes it. */
bool event_repeat(const struct event *e, struct event *again, struct bytes *body);

/* The name of the log of a room that this event creates: the same on every node, and a different
 * one if a room with the same name is ever created again. Clients get it with the branch behind it
 * (chat_set_branch()). */
#define LOG_NAME_MAX 40
#define BRANCH_MAX   22
void event_log_name(const struct event *e, char name[LOG_NAME_MAX + 1]);
/* Time and number of that event. False: this is no such name. */
bool event_of_log(const char *name, int64_t *at_ms_out, uint64_t *seq_out);

#endif

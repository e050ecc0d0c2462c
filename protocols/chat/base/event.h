/* event.h - one entry of a log, its text on the wire, and the table of kinds.
 *
 * A new kind is one row in event.c. Everything here is a pure function: any thread. */
#ifndef CHAT_EVENT_H
#define CHAT_EVENT_H

#include "bytes.h"

#include <stdbool.h>

/* The numbers are stored: never change one. An item has a number below EVENT_ITEM_END, so that the
 * store's index of items holds no other event. */
enum event_kind {
    EVENT_MESSAGE = 1,
    EVENT_POLL = 2,
    EVENT_GAP = 15, /* the events behind `after` are lost, or never reached this node */
    EVENT_ITEM_END = 16,
    EVENT_EDIT = 16,
    EVENT_DELETE = 17,
    EVENT_VOTE = 18,   /* in an open poll with live results: members see name and choices */
    EVENT_BALLOT = 19, /* in any other poll */
    EVENT_POLL_CLOSED = 20,
    /* Acts about a person, whose identity is `of`. The act in the server's log decides what holds,
     * everywhere or in the room that the body names; the copy in that room's log tells its
     * members, and a purge is carried out there. */
    EVENT_ROLE = 21,
    EVENT_BAN = 22,
    EVENT_UNBAN = 23,
    EVENT_PURGE = 24, /* deletes the person's items in one room */
    EVENT_KICK = 25,  /* from one room */
    EVENT_MUTE = 26,
    EVENT_UNMUTE = 27,
    EVENT_ROOM = 64,
    EVENT_IDENTITY = 65,
    EVENT_VOID = 127, /* numbered before it was judged, and rejected: no member sees it */
    EVENT_KIND_MAX = 127,
};

enum event_class {
    CLASS_NONE,   /* no such kind */
    CLASS_ITEM,   /* stands in a room's history */
    CLASS_CHANGE, /* changes the item `of` */
    CLASS_TALLY,  /* how the item `of` stands: members see what the store made of it */
    CLASS_ACT,    /* about the identity `of` */
    CLASS_SERVER, /* in the server's log only */
    CLASS_VOID,
};

/* How a node that was away submits its event again, after the others closed its generation without
 * it. See event_repeat(). */
enum event_repeat {
    REPEAT_NEVER,
    REPEAT_SAME,     /* as it is: a node that has its key rejects it */
    REPEAT_MOVES,    /* it takes effect at its new place on every node */
    REPEAT_REJUDGED, /* without the members that the store added: each node judges it again */
    REPEAT_ACT,      /* an act takes effect again on every node */
    REPEAT_DECISION, /* the same, but the copy in a room's log is left out */
};

/* The journal keeps a secret for some events: random bytes, the same on every node, that never
 * enter a log and that are destroyed when a later event says so. */
#define SECRET_BYTES 32
enum event_secret {
    SECRET_NONE,
    SECRET_OWN,  /* the journal keeps a secret with this event */
    SECRET_ENDS, /* destroys the secret of the event `of` */
    SECRETS_END, /* destroys the secrets of some events in the room */
};

struct event_traits {
    const char *type; /* on the wire */
    enum event_class class;
    enum event_repeat repeat;
    enum event_secret secret;
    bool superseded; /* the next one of the same `of` says all that this one says */
    bool redacts;    /* takes the text out of the item `of` and of its edits */
    bool purges;     /* takes the text out of earlier items of the room */
};

/* Never NULL; for a number that is no kind: "unknown", CLASS_NONE. Static. */
const struct event_traits *event_traits(enum event_kind kind);

#define ROOM_NAME_MAX 48 /* bytes of a room's name */
#define ID_MAX        64 /* bytes of a client's key */

/* The log that no client can join: rooms, identities and acts, in order. */
#define SERVER_LOG ""

struct event {
    const char *room; /* its name; SERVER_LOG */
    uint64_t seq;     /* > 0, growing in the room, < 2^53 */
    int64_t at_ms;    /* wall clock, never going back in the room */
    enum event_kind kind;
    uint64_t author;  /* identity; 0: the daemon itself */
    uint64_t of;      /* the seq that it changes, the identity that it is about; 0: none */
    const char *key;  /* the author's id for it; NULL: none */
    const char *body; /* a JSON object without blanks: the members behind "at" */
    size_t body_bytes;
};

/* {"type":…,"room":…,"seq":…,"at":…, and the members of the body} */
void event_write(struct bytes *to, const struct event *e);
/* The same as one WebSocket frame. */
void event_frame(struct bytes *to, const struct event *e);

/* Tells two contents under one key apart (64-bit FNV-1a of room, kind, of and body). */
uint64_t event_hash(const struct event *e);

/* The member that event_repeat() adds to the body of an event that REPEAT_MOVES. */
#define EVENT_REPEATED "\"again\":true"

/* What a node submits for `e` when REPEAT_… lets it. False: nothing. *again borrows from `e` and
 * from `body`, which is all zero before and which the caller finishes. Without memory: false. */
bool event_repeat(const struct event *e, struct event *again, struct bytes *body);

/* The name of the history of a room that was created by this event: the same on every node, and
 * another one if a room of this name is ever created again. */
#define LOG_NAME_MAX 40
void event_log_name(const struct event *e, char name[LOG_NAME_MAX + 1]);

#endif

/* event.h - one entry of a room's log, and its text on the wire.
 * Used by: rooms, journals, archives, on any thread: everything here is a pure function. */
#ifndef CHAT_EVENT_H
#define CHAT_EVENT_H

#include "bytes.h"

#include <stdbool.h>

/* Numbers are stored: never change one. Below EVENT_ITEM_END: what stands in a room's history as an
 * item of its own; above: what changes an item; from EVENT_ROOM on, and acts about persons
 * besides: the server's own log. */
enum event_kind {
    EVENT_MESSAGE = 1,
    EVENT_POLL = 2,
    EVENT_GAP = 15, /* what came behind `after` was lost, or never came to this node */
    EVENT_ITEM_END = 16,
    EVENT_EDIT = 16,
    EVENT_DELETE = 17,
    EVENT_VOTE = 18, /* of an open poll with live results: told with name and choices */
    EVENT_BALLOT =
        19, /* of any other poll: the next one of its poll supersedes what is told of it */
    EVENT_POLL_CLOSED = 20,
    /* About a person, whose identity is `of`. The server's log says what holds, for everywhere or
     * (with a member `room` in the body) for one room; that room's log tells it, and a
     * purge is carried out there. */
    EVENT_ROLE = 21,
    EVENT_BAN = 22,
    EVENT_UNBAN = 23,
    EVENT_PURGE = 24, /* from a room only: her items in it are deleted */
    EVENT_KICK = 25,  /* from a room only */
    EVENT_MUTE = 26,
    EVENT_UNMUTE = 27,
    EVENT_ROOM = 64,
    EVENT_IDENTITY = 65,
    EVENT_VOID = 127, /* numbered before it was judged, and refused: nobody is told */
    EVENT_KIND_MAX = 127,
};

static inline bool event_is_personal(enum event_kind kind)
{
    return kind >= EVENT_ROLE && kind <= EVENT_UNMUTE;
}

#define ROOM_NAME_MAX 48 /* bytes of a room's name */
#define ID_MAX        64 /* bytes of a client's key */

/* The log that no client can join: rooms and identities, in the order in which they came to be. */
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

const char *event_type(enum event_kind kind); /* static: "message", … */

/* {"type":…,"room":…,"seq":…,"at":…, and the members of the body} */
void event_write(struct bytes *to, const struct event *e);
/* The same as one WebSocket frame. */
void event_frame(struct bytes *to, const struct event *e);

/* Tells two contents under one key apart (64-bit FNV-1a of room, kind, of and body). */
uint64_t event_hash(const struct event *e);

/* The name of the history of a room that was created by this event: the same on every node, and
 * another one if ever a room of this name is created again. */
#define LOG_NAME_MAX 40
void event_log_name(const struct event *e, char name[LOG_NAME_MAX + 1]);

#endif

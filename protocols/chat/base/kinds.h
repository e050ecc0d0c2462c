/* kinds.h - the table of kinds of events: what each is, which members its body has, and what its
 * features add to items. A new kind is a row of EVENT_KINDS and a BODY. Macros only: event.h and
 * body.c expand them. */
#ifndef CHAT_KINDS_H
#define CHAT_KINDS_H

/* One row for each kind of event. `type` is its name on the wire. `superseded`: the next one with
 * the same `of`, and the same value of this member ("": of none), replaces it. `redacts`: takes the
 * text out of the item `of` and of its edits. `purges`: takes the text out of earlier items of the
 * room.
 *
 * The store keeps the numbers: never change one. An item has a number below EVENT_ITEM_END, so that
 * the store's index of items holds no other event. What a page shows between its items, the acts,
 * has a number from 21 to 27, or from EVENT_ACT_BEGIN to below EVENT_ACT_END.
 *
 * VOTE is in an open poll with live results, where members see name and choices; BALLOT is in any
 * other poll. An act, in the server's log, takes effect everywhere or in the room that its body
 * names; the copy in that room's log informs its members, and only a purge takes effect there. So
 * it is with a rule, which changes the room itself. A GAP stands for events that are lost or never
 * reached this node; a VOID was numbered before it was judged, and changes nothing: no member sees
 * it.
 *
 * A SETTING is what its author has set: with `room` the `level` of that room, else until when they
 * pause. `nick` is for signals.
 *
 * A ROOM_GONE removes a room with all that belongs to it. `life` says which of the rooms that have
 * had this name, one after the other: 0 is the first. With `last`, the number of the room's newest
 * event, the clock removes it, and only if no event has come since. */
/* clang-format off */
#define EVENT_KINDS(ROW) \
    /*  name         number type           class         repeat           secret       superseded redacts purges */ \
    ROW(MESSAGE,     1,     "message",     CLASS_ITEM,   REPEAT_SAME,     SECRET_NONE, NULL,      false,  false) \
    ROW(POLL,        2,     "poll",        CLASS_ITEM,   REPEAT_SAME,     SECRET_OWN,  NULL,      false,  false) \
    ROW(GAP,         15,    "gap",         CLASS_ITEM,   REPEAT_NEVER,    SECRET_NONE, NULL,      false,  false) \
    ROW(EDIT,        16,    "edit",        CLASS_CHANGE, REPEAT_SAME,     SECRET_NONE, NULL,      false,  false) \
    ROW(DELETE,      17,    "delete",      CLASS_CHANGE, REPEAT_SAME,     SECRET_ENDS, NULL,      true,   false) \
    ROW(VOTE,        18,    "vote",        CLASS_TALLY,  REPEAT_MOVES,    SECRET_NONE, NULL,      false,  false) \
    ROW(BALLOT,      19,    "vote",        CLASS_TALLY,  REPEAT_MOVES,    SECRET_NONE, "",        false,  false) \
    ROW(POLL_CLOSED, 20,    "poll_closed", CLASS_TALLY,  REPEAT_REJUDGED, SECRET_ENDS, NULL,      false,  false) \
    ROW(ROLE,        21,    "role",        CLASS_ACT,    REPEAT_DECISION, SECRET_NONE, NULL,      false,  false) \
    ROW(BAN,         22,    "ban",         CLASS_ACT,    REPEAT_DECISION, SECRET_NONE, NULL,      false,  false) \
    ROW(UNBAN,       23,    "unban",       CLASS_ACT,    REPEAT_DECISION, SECRET_NONE, NULL,      false,  false) \
    ROW(PURGE,       24,    "purge",       CLASS_ACT,    REPEAT_ACT,      SECRETS_END, NULL,      false,  true) \
    ROW(KICK,        25,    "kick",        CLASS_ACT,    REPEAT_DECISION, SECRET_NONE, NULL,      false,  false) \
    ROW(MUTE,        26,    "mute",        CLASS_ACT,    REPEAT_DECISION, SECRET_NONE, NULL,      false,  false) \
    ROW(UNMUTE,      27,    "unmute",      CLASS_ACT,    REPEAT_DECISION, SECRET_NONE, NULL,      false,  false) \
    ROW(REACTION,    28,    "reaction",    CLASS_TALLY,  REPEAT_MOVES,    SECRET_NONE, "emoji",    false,  false) \
    ROW(PIN,         32,    "pin",         CLASS_CHANGE, REPEAT_MOVES,    SECRET_NONE, NULL,      false,  false) \
    ROW(TOPIC,       33,    "topic",       CLASS_RULE,   REPEAT_DECISION, SECRET_NONE, NULL,      false,  false) \
    ROW(POST,        34,    "post",        CLASS_RULE,   REPEAT_DECISION, SECRET_NONE, NULL,      false,  false) \
    ROW(ROOM,        64,    "room",        CLASS_SERVER, REPEAT_SAME,     SECRET_NONE, NULL,      false,  false) \
    ROW(IDENTITY,    65,    "identity",    CLASS_SERVER, REPEAT_SAME,     SECRET_NONE, NULL,      false,  false) \
    ROW(PHOTO,       66,    "photo",       CLASS_SERVER, REPEAT_SAME,     SECRET_NONE, NULL,      false,  false) \
    ROW(ROOM_GONE,   67,    "room_gone",   CLASS_SERVER, REPEAT_REJUDGED, SECRET_NONE, NULL,      false,  false) \
    ROW(SETTING,     68,    "setting",     CLASS_SERVER, REPEAT_SAME,     SECRET_NONE, NULL,      false,  false) \
    ROW(VOID,        127,   "unknown",     CLASS_VOID,   REPEAT_NEVER,    SECRET_NONE, NULL,      false,  false)

/* The members of each kind's body, in the words of body.c, and what a table cannot say. */
#define BODY_MESSAGE     { FIELDS(FROM, KEY, TEXT, { "reply_to", FIELD_INT, false, 1, SEQ_MAX }, \
                             { "photos", FIELD_OBJECTS, false, 0, PHOTOS_MAX, \
                               FIELDS(PHOTO_FIELDS, { "alt", FIELD_STRING, false, 0, PHOTO_ALT_MAX }) }), message_fits }
#define BODY_POLL        { FIELDS(FROM, KEY, TEXT, LINE("question", true), \
                             { "options", FIELD_STRINGS, true, 0, BODY_LINE_MAX }, \
                             { "max", FIELD_INT, true, 1, LIST_MAX }, { "secret", FIELD_BOOL, true, 0, 0 }, \
                             { "results", FIELD_RESULTS, true, 0, 0 }, \
                             { "closes_at", FIELD_INT, false, 1, SEQ_MAX }), poll_fits }
#define BODY_GAP         { FIELDS(COUNT("after", true)), NULL }
#define BODY_EDIT        { FIELDS(FROM, KEY, TEXT, OF), edit_fits }
#define BODY_DELETE      { FIELDS(FROM, KEY, OF, LINE("reason", false)), change_fits }
#define BODY_VOTE        { FIELDS(TALLY, { "choices", FIELD_INDEXES, false, 0, LIST_MAX - 1 }, \
                             { "code", FIELD_STRING, false, 1, BODY_CODE_MAX }, NICK_OF("from", false)), vote_fits }
#define BODY_BALLOT      BODY_VOTE
#define BODY_POLL_CLOSED { FIELDS(TALLY, NICK_OF("by", false), \
                             { "digest", FIELD_STRING, false, DIGEST_HEX, DIGEST_HEX }), tally_fits }
#define BODY_ROLE        { FIELDS(ACT, { "role", FIELD_ROLE, true, 0, 0 }), NULL }
#define BODY_BAN         { FIELDS(ACT, SECONDS), NULL }
#define BODY_UNBAN       { FIELDS(ACT), NULL }
#define BODY_PURGE       { FIELDS(ACT), NULL }
#define BODY_KICK        { FIELDS(ACT), NULL }
#define BODY_MUTE        { FIELDS(ACT, SECONDS), NULL }
#define BODY_UNMUTE      { FIELDS(ACT), NULL }
#define BODY_REACTION    { FIELDS(FROM, KEY, OF, { "emoji", FIELD_STRING, true, 1, EMOJI_BYTES_MAX }, \
                             { "on", FIELD_BOOL, true, 0, 0 }, COUNT("count", false), \
                             { "nicks", FIELD_STRINGS, false, 1, NICK_BYTES_MAX }), change_fits }
#define BODY_PIN         { FIELDS(FROM, KEY, OF, { "on", FIELD_BOOL, true, 0, 0 }), change_fits }
#define BODY_TOPIC       { FIELDS(FROM, KEY, { "room", FIELD_ROOM, false, 0, 0 }, LINE("topic", true), LINE("title", true), \
                             { "skeleton", FIELD_STRING, false, 1, SKELETON_BYTES_MAX }, \
                             { "look", FIELD_STRING, false, 1, SKELETON_BYTES_MAX }), rule_fits }
#define BODY_POST        { FIELDS(FROM, KEY, { "room", FIELD_ROOM, false, 0, 0 }, { "who", FIELD_ROLE, true, 0, 0 }), \
                             rule_fits }
#define BODY_ROOM        { FIELDS({ "room", FIELD_ROOM, true, 0, 0 }, LINE("title", true), LINE("topic", true), \
                             { "post", FIELD_STRING, true, 1, BODY_LINE_MAX }, \
                             { "skeleton", FIELD_STRING, false, 1, SKELETON_BYTES_MAX }, \
                             { "look", FIELD_STRING, false, 1, SKELETON_BYTES_MAX }), room_fits }
#define BODY_IDENTITY    { FIELDS(NICK_OF("nick", true), { "skeleton", FIELD_STRING, true, 1, SKELETON_BYTES_MAX }, \
                             { "look", FIELD_STRING, false, 1, SKELETON_BYTES_MAX }, \
                             { "token", FIELD_STRING, true, 2 * TOKEN_HASH_BYTES, 2 * TOKEN_HASH_BYTES }, \
                             { "identity", FIELD_INT, true, 1, IDENTITY_MAX }, COUNT("free_before", true), \
                             { "free", FIELD_BOOL, false, 0, 0 }), identity_fits }
#define BODY_PHOTO       { FIELDS(PHOTO_FIELDS), photo_fits }
#define BODY_ROOM_GONE   { FIELDS({ "room", FIELD_ROOM, true, 0, 0 }, COUNT("life", false), COUNT("last", false)), NULL }
#define BODY_SETTING     { FIELDS(NICK_OF("nick", true), { "room", FIELD_ROOM, false, 0, 0 }, \
                             { "level", FIELD_STRING, false, 1, BODY_LINE_MAX }, \
                             { "until", FIELD_INT, false, 0, AT_MAX }), setting_fits }
#define BODY_VOID        { FIELDS({ "why", FIELD_STRING, false, 0, BODY_LINE_MAX }, COUNT("since", false)), NULL }
/* clang-format on */

/* What later events give an item; its own event must not bring them. */
#define ITEM_MEMBERS                                                                               \
    "deleted", "edited", "closed", "closed_at", "lost", "closed_by", "digest", "voters", "counts", \
        "mine", "votes", "reactions", "pinned"

#endif

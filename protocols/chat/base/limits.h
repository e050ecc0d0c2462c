/* limits.h - every limit of the configuration block `limits`, in one list. Pure, any thread.
 *
 * The struct, the parser, the check of conf/chatd.conf and the `limits` of a welcome come from
 * CHAT_LIMITS: a new limit is one row here and one line in conf/chatd.conf. */
#ifndef CHAT_LIMITS_H
#define CHAT_LIMITS_H

#include "mention.h"
#include "photo.h"

#include <stdbool.h>
#include <stddef.h>

#define EMOJI_BYTES_MAX 64
#define TEXT_BYTES_MAX  262144 /* the most that limits.text_bytes can be */

/* name, default, least, most, whether `welcome` names it; conf/chatd.conf says what each is. 0: no
 * limit, for connections_per_address, errors and what counts by time; none, for the others. */
/* clang-format off */
#define CHAT_LIMITS(ROW) \
    ROW(message_bytes,              16384, 512,    1048576, true) \
    ROW(text_bytes,                  4000,   1, TEXT_BYTES_MAX, true) \
    ROW(rooms,                       1000,   1,     100000, true) \
    ROW(rooms_per_session,            100,   1,      10000, true) \
    ROW(rooms_per_person,              20,   0,     100000, true) \
    ROW(rooms_per_address_day,         50,   0,     100000, true) \
    ROW(connections_per_address,       64,   0,    1000000, false) \
    ROW(commands_per_second,           10,   0,    1000000, true) \
    ROW(commands_burst,                40,   0,    1000000, true) \
    ROW(waiting,                      256,   1,      10000, true) \
    ROW(errors,                        20,   0,      10000, true) \
    ROW(idle_seconds,                  60,   4,       3600, true) \
    ROW(hello_seconds,                 10,   1,        120, false) \
    ROW(resume_events,               1000,   0,    1000000, true) \
    ROW(here,                         200,   0,       1000, true) \
    ROW(polls,                         50,   0,      10000, true) \
    ROW(reactions,                     20,   0,       1000, true) \
    ROW(mentions,                      50,   0, MENTIONS_MAX, true) \
    ROW(pins,                          50,   0,       1000, true) \
    ROW(standings,                  10000,   1,    1000000, false) \
    ROW(nicks_per_minute,              10,   0,    1000000, true) \
    ROW(nicks_burst,                  128,   1,    1000000, false) \
    ROW(nick_days,                     30,   1,      36500, true) \
    ROW(room_days,                     30,   0,      36500, true) \
    ROW(photo_bytes,             10485760,   0, 1073741824, true) \
    ROW(photo_pixels,            40000000,   0, 1000000000, true) \
    ROW(photos_per_message,            10,   0, PHOTOS_MAX, true) \
    ROW(uploads_per_minute,            20,   0,    1000000, true)
/* clang-format on */

struct chat_limits {
#define CHAT_LIMIT_FIELD(name, ...) unsigned name;
    CHAT_LIMITS(CHAT_LIMIT_FIELD)
#undef CHAT_LIMIT_FIELD
};

struct limit {
    const char *name;
    size_t offset;                   /* in struct chat_limits */
    unsigned otherwise, least, most; /* otherwise: the default */
    bool in_welcome;
};

/* A row without a name ends the table. */
extern const struct limit limit_table[];

unsigned limit_value(const struct chat_limits *of, const struct limit *which);

#endif

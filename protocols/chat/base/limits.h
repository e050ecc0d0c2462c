/* limits.h - every limit of the configuration block `limits`, in one list. Pure, any thread.
 *
 * The struct, the parser, the check of conf/chatd.conf and the `limits` of a welcome come from
 * CHAT_LIMITS: a new limit is one row here and one line in conf/chatd.conf. */
#ifndef CHAT_LIMITS_H
#define CHAT_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

/* name, default, least, most, whether `welcome` names it, comment in conf/chatd.conf. 0 turns the
 * limit off for rates, errors and connections. */
/* clang-format off */
#define CHAT_LIMITS(ROW) \
    ROW(message_bytes,              16384, 512,    1048576, true,  "one frame from a client") \
    ROW(text_bytes,                  4000,   1,     262144, true,  "one message") \
    ROW(rooms,                       1000,   1,     100000, true,  "in all") \
    ROW(rooms_per_session,            100,   1,      10000, true,  "that one connection is in") \
    ROW(rooms_per_person,              20,   0,     100000, true,  "that one person has created") \
    ROW(rooms_per_address_day,         50,   0,     100000, true,  "that one address has created in a day") \
    ROW(connections_per_address,       64,   0,    1000000, false, "of an IPv4 address or an IPv6 /64") \
    ROW(commands_per_second,           10,   0,    1000000, true,  "of one person") \
    ROW(commands_burst,                40,   0,    1000000, true,  "at once") \
    ROW(waiting,                      256,   1,      10000, true,  "commands of one connection that wait for an earlier one") \
    ROW(errors,                        20,   0,      10000, true,  "bad commands a minute") \
    ROW(idle_seconds,                  60,   4,       3600, true,  "without a sign of life") \
    ROW(hello_seconds,                 10,   1,        120, false, "from connecting to hello") \
    ROW(resume_events,               1000,   0,    1000000, true,  "that a resuming client still gets one by one") \
    ROW(here,                         200,   0,       1000, true,  "people that one answer names") \
    ROW(polls,                         50,   0,      10000, true,  "open at a time in one room") \
    ROW(standings,                  10000,   1,    1000000, false, "roles, bans and mutes in all") \
    ROW(nicks_per_minute,              10,   0,    1000000, true,  "new ones of one address") \
    ROW(nicks_burst,                  128,   1,    1000000, false, "new ones at once") \
    ROW(nick_days,                     30,   1,      36500, true,  "until an unused nick is free again") \
    ROW(photo_bytes,             10485760,   0, 1073741824, false, "one photo") \
    ROW(photo_pixels,            40000000,   0, 1000000000, false, "one photo") \
    ROW(uploads_per_minute,            20,   0,    1000000, false, "of one person")
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
    const char *words; /* the comment in conf/chatd.conf */
};

/* A row without a name ends the table. */
extern const struct limit limit_table[];

unsigned limit_value(const struct chat_limits *of, const struct limit *which);

#endif

/* private.h - what the files of this folder share: a row of the table of commands, and one call. */
#ifndef COMMAND_PRIVATE_H
#define COMMAND_PRIVATE_H

#include "chat/base/body.h"
#include "chat/base/json.h"
#include "chat/model/model.h"

struct call;

/* OK: the handler has answered, or a request will. An error: it has done nothing, and the caller
 * refuses the command. */
typedef enum err command_handler(struct session *s, const struct call *c);

/* What a command requires of its session and its `room`. NEED_NOTHING: no hello yet. NEED_PLACE: a
 * room, or none for everywhere. */
enum need { NEED_NOTHING, NEED_NAME, NEED_PLACE, NEED_ROOM, NEED_MEMBER };

struct command {
    const char *type;
    enum need need;
    enum role least; /* the least role that may use it, in the room or everywhere */
    unsigned cost;   /* in tokens of limits.commands_burst */
    bool in_order;   /* waits until the session's submits are answered */
    bool needs_id;
    command_handler *run;
    const struct field *fields;
};

#define PAGE_DEFAULT 50 /* items, if a command names no limit */

/* Fields that several commands have. */
/* clang-format off */
#define ARG_ROOM    { "room",   FIELD_ROOM,   true,  0, 0 }
#define ARG_PLACE   { "room",   FIELD_ROOM,   false, 0, 0 }
#define ARG_OF      { "of",     FIELD_INT,    true,  1, SEQ_MAX }
#define ARG_TEXT    { "text",   FIELD_TEXT,   true,  0, 0 }
#define ARG_NICK    { "nick",   FIELD_STRING, true,  1, 1024 }
#define ARG_REASON  { "reason", FIELD_LINE,   false, 0, 400 }
/* clang-format on */

/* One row for each file with commands: it defines <file>_commands, which ends with an empty row.
 * The first ones are found first. */
#define COMMAND_FILES(ROW)                                                                         \
    ROW(message)                                                                                   \
    ROW(reaction)                                                                                  \
    ROW(mention)                                                                                   \
    ROW(setting)                                                                                   \
    ROW(pin)                                                                                       \
    ROW(presence)                                                                                  \
    ROW(history)                                                                                   \
    ROW(search)                                                                                    \
    ROW(poll)                                                                                      \
    ROW(moderation)                                                                                \
    ROW(standings)                                                                                 \
    ROW(room)                                                                                      \
    ROW(rule)                                                                                      \
    ROW(rooms)                                                                                     \
    ROW(removal)                                                                                   \
    ROW(nick)                                                                                      \
    ROW(hello)

#define COMMANDS(file) extern const struct command file##_commands[];
COMMAND_FILES(COMMANDS)
#undef COMMANDS

/* A command's arguments. All borrowed for the call. */
struct call {
    const struct command *command;
    json_t *args;          /* with checked fields */
    const char *id;        /* NULL: none was given */
    struct room *room;     /* NULL: the command needs none, or names none */
    struct member *member; /* the session's in that room; NULL: it is not a member */
    const char **bad;      /* for the handler's ERR_BAD_FIELD: the wrong field, static */
    uint64_t *wait_ms;     /* for the handler's error: how long to wait before trying again */
};

#endif

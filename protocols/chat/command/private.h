/* private.h - what the files of this folder share: a row of the table of commands, and one call. */
#ifndef COMMAND_PRIVATE_H
#define COMMAND_PRIVATE_H

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

/* private.h - what the files of this folder share: a command's row in the table, and one call. */
#ifndef COMMAND_PRIVATE_H
#define COMMAND_PRIVATE_H

#include "chat/base/json.h"
#include "chat/model/model.h"

struct call;

/* OK: it has answered, or will. Otherwise it has done nothing, and the caller tells the error. */
typedef enum err command_handler(struct session *s, const struct call *c);

/* What a session must be or name. NEED_PLACE: a room, or no room for everywhere. */
enum need { NEED_NOTHING, NEED_NAME, NEED_PLACE, NEED_ROOM, NEED_MEMBER };

struct command {
    const char *type;
    enum need need;
    enum role least; /* that may, in the room or everywhere */
    unsigned cost;   /* of limits.commands_burst */
    bool in_order;   /* waits until the session's submits are in the log */
    bool needs_id;
    command_handler *run;
    const struct field *fields;
};

/* What a handler is given. All borrowed for the call. */
struct call {
    const struct command *command;
    json_t *args;          /* its fields are checked */
    const char *id;        /* NULL: none was given */
    struct room *room;     /* if the command names one that exists; else NULL */
    struct member *member; /* of a command that needs membership; else NULL */
    const char **bad;      /* the field that is wrong, if the handler finds one: static */
    uint64_t *wait_ms;     /* when to try again, if the handler knows */
};

#endif

/* command.h - what a session may ask for: one table, all gates before the handler.
 * A new command is one line in command.c, one function here, one test. For this folder only. */
#ifndef CHAT_COMMAND_H
#define CHAT_COMMAND_H

#include "request.h"

struct command;

/* What a handler is given. All borrowed for the call. */
struct call {
    const struct command *command;
    json_t *args;          /* its fields have been checked */
    const char *id;        /* NULL: none was given */
    struct room *room;     /* of a command that names one that exists; else NULL */
    struct member *member; /* of a command that needs membership; else NULL */
    const char **bad;      /* which field is wrong, if the handler finds one: static */
    uint64_t *wait_ms;     /* when it may be tried again, if the handler knows */
};

/* 0: it has answered, or will. Otherwise nothing has happened and the error is told. */
typedef enum err command_handler(struct session *s, const struct call *c);

command_handler cmd_hello, cmd_join, cmd_leave, cmd_create, cmd_say, cmd_edit, cmd_delete,
    cmd_history, cmd_read, cmd_who, cmd_away, cmd_typing, cmd_poll, cmd_vote, cmd_close_poll,
    cmd_ballots, cmd_role, cmd_kick, cmd_ban, cmd_unban, cmd_mute, cmd_unmute, cmd_purge,
    cmd_standings;

#define BALLOTS_PAGE 1000

/* A command that is answered off the loop: `later` is its request, and until command_done() the
 * commands behind it wait. */
struct request *command_later(struct session *s, const struct call *c);
/* Its room, membership and role, once more: since they were looked at, the log has gone on. */
enum err command_check(struct session *s, const struct request *q);
/* Its answer is in s->out, or `err` is told. Consumes the request. */
void command_done_take(struct request *q, enum err err);

/* cmd_room.c: a new room into the server's log. */
enum err submit_room(struct chat *chat, const struct room_seed *seed, uint64_t author,
                     const char *key, journal_done *done, void *arg);

/* submit.c: an event into a log, of a session that may have gone meanwhile. The body begins with
 * `from` and `key`; members are added to it. */
struct bytes submit_body(const struct session *s, const char *key);
/* Of `e`, room and body are filled in; NULL: a request for which there was no memory. The answer is
 * `ok` with room, seq and at, and `receipt` if q->more is one. Consumes request and body. */
enum err submit_take(struct chat *chat, struct request *q, struct event e, struct bytes *body);

/* Runs what waited, as far as it may run now; forgets it. */
void commands_go_on(struct session *s);
void commands_forget(struct session *s);

#endif

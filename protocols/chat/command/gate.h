/* gate.h - what must hold before a handler runs: state, id, fields, room, membership, role, ban. */
#ifndef CHAT_GATE_H
#define CHAT_GATE_H

#include "chat/base/err.h"

#include <jansson.h>

struct call;
struct command;
struct request;
struct session;

/* OK, or why the command is refused. Fills in the call's room and member. For ERR_BAD_FIELD and
 * ERR_TOO_BIG *bad_out is the wrong field's name, static. */
enum err gate_check(struct session *s, struct call *c, const char **bad_out);
/* The part of gate_check() that depends on the command alone: id and fields. */
enum err gate_check_form(const struct session *s, const struct command *c, const json_t *args,
                         const char **bad_out);
/* Checks room, membership, role and ban again when an answer comes: the log has gone on
 * meanwhile. */
enum err gate_recheck(struct session *s, const struct request *q);

#endif

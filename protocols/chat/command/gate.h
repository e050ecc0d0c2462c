/* gate.h - all that must hold before a handler runs: state, id, fields, room, membership, role. */
#ifndef CHAT_GATE_H
#define CHAT_GATE_H

#include "chat/base/err.h"

struct call;
struct request;
struct session;

/* Fills in the call's room and member. *bad_out: the wrong field's name, static. */
enum err gate_check(struct session *s, struct call *c, const char **bad_out);
/* Room, membership and role once more: the log has gone on since they were checked. */
enum err gate_recheck(struct session *s, const struct request *q);

#endif

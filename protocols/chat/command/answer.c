/* answer.c - see answer.h. */
#include "answer.h"

#include "gate.h"
#include "request.h"

#include "chat/model/ask.h"
#include "chat/model/reply.h"

void answer_take(struct ask *ask, const char *type, answer_fn *add)
{
    struct request *q = ask->arg;
    struct session *s = request_speaker(q);
    enum err err = ask->err;
    if (err == OK && s != NULL)
        err = gate_recheck(s, q);
    if (err == OK && s != NULL) {
        size_t mark = reply_begin(s, type, request_id(q));
        add(&s->out, q, ask);
        reply_end(s, mark);
    }
    request_done_take(q, err);
}

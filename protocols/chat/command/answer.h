/* answer.h - the answer to a command that only asks the archive. */
#ifndef CHAT_ANSWER_H
#define CHAT_ANSWER_H

struct ask;
struct bytes;
struct request;

/* Adds the members of the answer. `ask` has succeeded. */
typedef void answer_fn(struct bytes *to, const struct request *q, const struct ask *ask);

/* Sends the frame `type`, or refuses the command, and ends the request, which is ask->arg. Call it
 * from the question's `done`. */
void answer_take(struct ask *ask, const char *type, answer_fn *add);

#endif

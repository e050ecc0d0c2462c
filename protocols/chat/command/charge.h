/* charge.h - what a command costs: its row's tokens before it runs, and then what its answer takes.
 * People pay by identity, so that more connections do not help. */
#ifndef COMMAND_CHARGE_H
#define COMMAND_CHARGE_H

#include "chat/base/err.h"

#include <stddef.h>
#include <stdint.h>

struct session;

/* OK, or ERR_RATE with *wait_ms_out, how long until there are so many tokens. */
enum err charge_tokens(struct session *s, unsigned tokens, uint64_t *wait_ms_out);
/* The place of the session's next question, see struct ask: behind those of people who have used
 * less of late. */
uint64_t charge_turn(struct session *s);
/* For an answer of so many bytes, which the archive has read. Never refuses: the next command
 * waits. */
void charge_answer(struct session *s, size_t bytes);

#endif

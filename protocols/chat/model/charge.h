/* charge.h - what a command costs: its row's tokens before it runs, and then what its reply takes.
 * People pay by identity, so that more connections do not help. Loop thread only. */
#ifndef CHAT_CHARGE_H
#define CHAT_CHARGE_H

#include "chat/base/err.h"

#include <stddef.h>
#include <stdint.h>

#define ANSWER_BYTES 65536 /* a longer reply costs more; lists that have a next page end there */

/* A person who takes more than a hundredth of the archive's time comes behind people who take less.
 * What they took longer ago than READING_MEMORY_MS is forgotten, so nobody waits much longer than
 * that. */
#define READING_SHARE     100
#define READING_MEMORY_MS 2000

struct identity;
struct session;

/* OK, or ERR_RATE with *wait_ms_out, how long until there are so many tokens. */
enum err charge_tokens(struct session *s, unsigned tokens, uint64_t *wait_ms_out);
/* The same for a hello, which enters as this identity. */
enum err charge_hello(struct identity *i, uint64_t *wait_ms_out);
/* The place of the session's next question, see struct ask: behind those of people who have used
 * less of late. */
uint64_t charge_turn(struct session *s);
/* For a question that took the archive so long. */
void charge_reading(struct session *s, uint64_t us);
/* For a reply of so many bytes. Never refuses: the next command waits. */
void charge_reply(struct session *s, size_t bytes);

#endif

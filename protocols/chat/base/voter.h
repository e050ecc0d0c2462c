/* poll.h - polls: who a voter is in the log, and when a poll is due.
 *
 * A vote in the log does not name its voter. It has a number that is made of her identity with the
 * poll's key: the same for all her connections on all nodes, so that a new vote replaces the old
 * one, and nobody's once the key is destroyed, which is when a secret poll closes. So are the key
 * of the vote, by which a repeated one is known, and her receipt. */
#ifndef CHAT_POLL_H
#define CHAT_POLL_H

#include "event.h"

struct chat;

#define RECEIPT_CHARS 20 /* 80 bits in hexadecimal digits */

struct voter {
    uint64_t number; /* > 0, fits a signed integer */
    char key[2 * 16 + 1];
    char receipt[RECEIPT_CHARS + 1];
};

/* Pure. `id` is that of the vote. */
struct voter poll_voter(const unsigned char key[SECRET_BYTES], uint64_t identity, const char *id);
uint64_t poll_voter_number(const unsigned char key[SECRET_BYTES], uint64_t identity);

/* --- polls.c: those that close by the clock. Loop thread only ------------------------------- */

/* The log has told of this event: a poll may be due one day, or never more. */
void polls_apply(struct chat *chat, const struct event *e);
/* Some times a second: closes what is due. */
void polls_tick(struct chat *chat);
void polls_forget(struct chat *chat);

#endif

/* voter.h - how a voter appears in the log. Pure, any thread.
 *
 * A vote in the log does not name its voter. It carries a number derived from the voter's identity
 * and the poll's secret: the same on all connections of that voter on all nodes, so that a new vote
 * replaces the old one, and linked to nobody once the secret is destroyed, which happens when a
 * secret poll closes. The key of the vote, which detects a repeated vote, and the receipt are
 * derived the same way. */
#ifndef CHAT_VOTER_H
#define CHAT_VOTER_H

#include "event.h"

#define RECEIPT_CHARS 20 /* 80 bits in hexadecimal digits */

struct voter {
    uint64_t number; /* > 0, fits a signed integer */
    char key[2 * 16 + 1];
    char receipt[RECEIPT_CHARS + 1];
};

/* `key` is the poll's, `id` the vote command's. */
struct voter poll_voter(const unsigned char key[SECRET_BYTES], uint64_t identity, const char *id);
/* Only the number. */
uint64_t poll_voter_number(const unsigned char key[SECRET_BYTES], uint64_t identity);

#endif

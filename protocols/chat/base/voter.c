/* voter.c - see voter.h. */
#include "voter.h"

#include <sodium.h>
#include <string.h>

#define HASH_BYTES 16

/* `use` makes number, key and receipt differ. */
static void derive(const unsigned char key[SECRET_BYTES], char use, uint64_t identity,
                   const char *id, unsigned char out[HASH_BYTES])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, key, SECRET_BYTES, HASH_BYTES);
    crypto_generichash_update(&state, (const unsigned char *)&use, 1);
    crypto_generichash_update(&state, (const unsigned char *)&identity, sizeof identity);
    crypto_generichash_update(&state, (const unsigned char *)id, strlen(id));
    crypto_generichash_final(&state, out, HASH_BYTES);
}

uint64_t poll_voter_number(const unsigned char key[SECRET_BYTES], uint64_t identity)
{
    unsigned char hash[HASH_BYTES];
    uint64_t number;
    derive(key, 'v', identity, "", hash);
    memcpy(&number, hash, sizeof number);
    return number >> 2 | 1;
}

struct voter poll_voter(const unsigned char key[SECRET_BYTES], uint64_t identity, const char *id)
{
    unsigned char hash[HASH_BYTES];
    struct voter voter = {.number = poll_voter_number(key, identity)};
    derive(key, 'k', identity, id, hash);
    sodium_bin2hex(voter.key, sizeof voter.key, hash, sizeof hash);
    derive(key, 'r', identity, id, hash);
    sodium_bin2hex(voter.receipt, sizeof voter.receipt, hash, RECEIPT_CHARS / 2);
    return voter;
}

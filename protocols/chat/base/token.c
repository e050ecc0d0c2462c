/* token.c - see token.h. */
#include "token.h"

#include <sodium.h>
#include <string.h>

#define TOKEN_RANDOM_BYTES 24

bool token_ok(const char *text)
{
    size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
    return n >= TOKEN_TEXT_BYTES && n <= TOKEN_TEXT_MAX && text[n] == '\0';
}

void token_create(char text[TOKEN_TEXT_BYTES + 1])
{
    unsigned char random[TOKEN_RANDOM_BYTES];
    randombytes_buf(random, sizeof random);
    sodium_bin2base64(text, TOKEN_TEXT_BYTES + 1, random, sizeof random,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

void token_hash(const char *text, unsigned char hash[TOKEN_HASH_BYTES])
{
    crypto_generichash(hash, TOKEN_HASH_BYTES, (const unsigned char *)text, strlen(text), NULL, 0);
}

bool token_matches(const char *text, const unsigned char hash[TOKEN_HASH_BYTES])
{
    unsigned char given[TOKEN_HASH_BYTES];
    token_hash(text, given);
    return sodium_memcmp(given, hash, TOKEN_HASH_BYTES) == 0;
}

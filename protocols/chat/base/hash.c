/* hash.c - see hash.h. Keys in the logs and in Redis depend on it: never change it. */
#include "hash.h"

#include <sodium.h>
#include <string.h>

void hash_text(const char *text, char hex[HASH_CHARS + 1])
{
    unsigned char hash[HASH_CHARS / 2];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)text, strlen(text), NULL, 0);
    sodium_bin2hex(hex, HASH_CHARS + 1, hash, sizeof hash);
}

/* token.h - the proof that a client holds a nick: the client keeps the text, the daemon keeps only
 * the hash. Pure, any thread. */
#ifndef CHAT_TOKEN_H
#define CHAT_TOKEN_H

#include <stdbool.h>

#define TOKEN_TEXT_BYTES 32 /* 24 random bytes in base64url */
#define TOKEN_TEXT_MAX   128
#define TOKEN_HASH_BYTES 32

void token_create(char text[TOKEN_TEXT_BYTES + 1]);
/* Whether a client may bring this token: base64url, TOKEN_TEXT_BYTES … TOKEN_TEXT_MAX long. */
bool token_ok(const char *text);
void token_hash(const char *text, unsigned char hash[TOKEN_HASH_BYTES]);
/* Compares in constant time. */
bool token_matches(const char *text, const unsigned char hash[TOKEN_HASH_BYTES]);

#endif

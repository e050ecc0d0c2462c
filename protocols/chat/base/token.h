/* token.h - the proof that a nick is somebody's: as the client has it, and the hash that is kept.
 * Pure, any thread. */
#ifndef CHAT_TOKEN_H
#define CHAT_TOKEN_H

#include <stdbool.h>

#define TOKEN_TEXT_BYTES 32 /* 24 random bytes in base64url */
#define TOKEN_TEXT_MAX   128
#define TOKEN_HASH_BYTES 32

void token_create(char text[TOKEN_TEXT_BYTES + 1]);
/* A client may bring its own, if it is as long as ours at least. */
bool token_ok(const char *text);
void token_hash(const char *text, unsigned char hash[TOKEN_HASH_BYTES]);
/* In constant time. */
bool token_matches(const char *text, const unsigned char hash[TOKEN_HASH_BYTES]);

#endif

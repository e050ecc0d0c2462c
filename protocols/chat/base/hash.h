/* hash.h - a name of fixed length for a text, for keys. Pure, any thread. */
#ifndef CHAT_HASH_H
#define CHAT_HASH_H

#define HASH_CHARS 32 /* 128 bits in hexadecimal digits */

void hash_text(const char *text, char hex[HASH_CHARS + 1]);

#endif

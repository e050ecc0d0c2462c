/* identity.h - a nickname and whose it is, while somebody uses it. For this folder only. */
#ifndef CHAT_IDENTITY_H
#define CHAT_IDENTITY_H

#include "model.h"

/* Who has this skeleton now, or NULL: then only the archive knows. */
struct identity *identity_find(const struct chat *chat, const char *skeleton);

/* A new one with one reference, the caller's. NULL: no memory. */
struct identity *identity_create(struct chat *chat, const struct archive_identity *from,
                                 const char *skeleton);
struct identity *identity_ref(struct identity *i);
void identity_unref(struct identity **i);

/* A token as the client sees it, and what is kept of it. */
#define TOKEN_TEXT_BYTES 32 /* 24 random bytes in base64url */
void token_create(char text[TOKEN_TEXT_BYTES + 1]);
void token_hash(const char *text, unsigned char hash[TOKEN_HASH_BYTES]);
bool token_matches(const char *text, const unsigned char hash[TOKEN_HASH_BYTES]);

/* Her marker of a room; all zero if she has none. */
struct marker identity_marker(const struct identity *i, const struct room *r);
/* What the archive knew of her when she came. */
void identity_load_markers(struct identity *i, const struct archive_marker *markers, size_t n);
/* Keeps it, here and in the archive, if it is another one than before. */
void identity_mark(struct identity *i, const struct marker *m);

/* {"nick":…,"role":…,"away":…} */
void identity_write(struct bytes *b, const struct identity *i);

#endif

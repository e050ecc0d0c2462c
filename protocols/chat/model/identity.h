/* identity.h - a nickname and its holder, while somebody uses it here or on another node. */
#ifndef CHAT_IDENTITY_H
#define CHAT_IDENTITY_H

#include "model.h"
#include "journal.h"

/* A nick, and the identity that holds it. */
struct claim {
    struct nick nick;
    uint64_t id;
    int64_t seen_ms;
    unsigned char token_hash[TOKEN_HASH_BYTES];
};

/* The holder of this skeleton; NULL: only the archive knows. */
struct identity *identity_find(const struct chat *chat, const char *skeleton);
/* A new one with one reference, the caller's. NULL: no memory, or the skeleton is in use here. */
struct identity *identity_create(struct chat *chat, const struct claim *from);
struct identity *identity_ref(struct identity *i);
/* The operator's, with one more reference. NULL: no memory. */
struct identity *identity_operator(struct chat *chat);
/* The last reference keeps it until its rate is full again: coming back makes nobody faster. */
void identity_unref(struct identity **i);
/* Some times a second: drops identities whose rate is full again. */
void identities_rest(struct chat *chat);
/* At the end. Nothing refers to an identity any more. */
void identities_forget(struct chat *chat);

/* Claims the nick, or goes on holding it, through the server's log. */
enum err identity_claim(struct chat *chat, const struct claim *who, journal_done *done, void *arg);
/* Claims the nick again, at most once a day, so that it does not grow old while it is in use. */
void identity_keep(struct identity *i);
/* A nick that was last used before this is free. */
int64_t identity_free_before_ms(const struct chat *chat);

/* Sends a frame now to the identity's sessions that take it, but not to `except`. */
void identity_signal(const struct identity *i, const struct session *except,
                     const struct bytes *frame);
/* Adds {"nick":…,"role":…,"away":…}, with the role in the room. */
void identity_write(struct bytes *b, const struct identity *i, const struct room *r);

#endif

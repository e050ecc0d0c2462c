/* identity.h - a nickname and its holder, while they are connected here or on another node.
 * Loop thread only. */
#ifndef CHAT_IDENTITY_H
#define CHAT_IDENTITY_H

#include "model.h"
#include "journal.h"

/* A nick, and the identity that holds it. */
struct claim {
    struct nick nick;
    uint64_t id;
    int64_t seen_ms; /* wall clock of the last claim */
    bool free;       /* the nick is taken from its holder, and free at once */
    unsigned char token_hash[TOKEN_HASH_BYTES];
};

/* The holder of this skeleton. NULL: not in memory; the archive may know one. */
struct identity *identity_find(const struct chat *chat, const char *skeleton);
/* A new one with one reference, the caller's. NULL: no memory, or the skeleton is in use here. */
struct identity *identity_create(struct chat *chat, const struct claim *from);
struct identity *identity_ref(struct identity *i);
/* The operator's identity, with one more reference. NULL: no memory. */
struct identity *identity_operator(struct chat *chat);
/* Without references an identity rests until its rate is full again, so that nobody gets more
 * commands by reconnecting. */
void identity_unref(struct identity **i);
/* Frees the resting identities whose rate is full again. Call some times a second. */
void identities_rest(struct chat *chat);
/* Frees all identities; nothing may refer to one any more. */
void identities_forget(struct chat *chat);

uint64_t identity_number(void); /* a new one, random, at most IDENTITY_MAX */
/* Applies a claim that frees a nick. */
void identity_apply(struct chat *chat, const struct event *e);

/* Claims the nick, or renews the claim, through the server's log. Errors and `done`: see
 * journal_ops.submit. */
enum err identity_claim(struct chat *chat, const struct claim *who, journal_done *done, void *arg);
/* Renews the claim at most once a day, so that a nick in use never becomes free. */
void identity_keep(struct identity *i);
/* A nick that was last claimed before this (wall clock) is free. */
int64_t identity_free_before_ms(const struct chat *chat);

/* Sends a frame to the identity's sessions, see sink_tell(), but not to `except`. */
void identity_tell(const struct identity *i, const struct session *except,
                   const struct bytes *frame);
/* Tells them that one of their connections is being looked at, or no longer is. */
void identity_tell_active(const struct identity *i, const struct session *except, bool on);
/* Adds {"nick":…,"role":…,"away":…}, with the role in the room. */
void identity_write(struct bytes *b, const struct identity *i, const struct room *r);

#endif

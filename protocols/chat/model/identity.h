/* identity.h - a nickname and whose it is, while somebody uses it. For this folder only. */
#ifndef CHAT_IDENTITY_H
#define CHAT_IDENTITY_H

#include "model.h"

/* A nick, and whose it is. */
struct claim {
    struct nick nick;
    uint64_t id;
    int64_t seen_ms;
    unsigned char token_hash[TOKEN_HASH_BYTES];
};

/* Who has this skeleton now, or NULL: then only the archive knows. */
struct identity *identity_find(const struct chat *chat, const char *skeleton);

/* A new one with one reference, the caller's. NULL: no memory. */
struct identity *identity_create(struct chat *chat, const struct claim *from);
struct identity *identity_ref(struct identity *i);
/* The operator's, with one reference more. NULL: no memory. */
struct identity *identity_operator(struct chat *chat);
/* With the last reference it goes, but not before its rate is full again: coming back is no way to
 * be faster. */
void identity_unref(struct identity **i);
void identities_rest(struct chat *chat); /* some times a second */
void identities_forget(struct chat *chat);

/* `who` claims, or goes on claiming, her nick through the server's log. */
enum err identity_claim(struct chat *chat, const struct claim *who, journal_done *done, void *arg);
/* While she is here her nick does not grow old: claims again, once a day. */
void identity_keep(struct identity *i);
/* Who was not seen since then has lost her nick. */
int64_t identity_free_before_ms(const struct chat *chat);

/* Her marker of a room; all zero if she has none. */
struct marker identity_marker(const struct identity *i, const struct room *r);
/* Adds the markers of an ask_identity; a marker that is known already is newer. */
void identity_load_markers(struct identity *i, const struct bytes *rows);
/* Keeps it in the archive. */
void archive_mark(struct chat *chat, uint64_t identity, const struct marker *m);
/* Keeps it, here and in the archive. False: it is as it was. */
bool identity_mark(struct identity *i, const struct marker *m);

/* Sends a frame now to her sessions here that take it, except for `except`. */
void identity_signal(const struct identity *i, const struct session *except,
                     const struct bytes *frame);

/* Her sessions hear how far she has read, except for `except` (may be NULL). */
void identity_tell_read(const struct identity *i, const struct session *except, const char *room,
                        uint64_t seq);

/* {"nick":…,"role":…,"away":…}, as she is in the room. */
void identity_write(struct bytes *b, const struct identity *i, const struct room *r);

#endif

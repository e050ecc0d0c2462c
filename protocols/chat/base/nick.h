/* nick.h - which nicknames are allowed, and which look alike; also which titles of rooms do. Pure,
 * any thread.
 *
 * Rules: NFKC (UAX #15), visible characters only, and two skeletons of UTS #39, of the case fold
 * and of the nick as typed: two nicks that a person would confuse have one of them in common. UTS
 * #39 has no answer to struck-out letters, small capitals and letters that stand apart, except to
 * forbid them with many living scripts (its profile of allowed characters). Here they are allowed,
 * and count as the plain letters in the second skeleton. */
#ifndef CHAT_NICK_H
#define CHAT_NICK_H

#include "err.h"

#include <stdbool.h>

#define NICK_CHARS_MAX     32
#define NICK_BYTES_MAX     128 /* 32 characters of 4 bytes */
#define NICK_COMBINING_MAX 4   /* marks in a row: enough for every living script, not for Zalgo */
#define SKELETON_BYTES_MAX 1024

struct nick {
    char text[NICK_BYTES_MAX + 1];         /* as shown */
    char skeleton[SKELETON_BYTES_MAX + 1]; /* of the fold: the key of a holder */
    char look[SKELETON_BYTES_MAX + 1];     /* of plain letters as typed, often the same */
};

struct nick_rules; /* the Unicode tables */

/* NULL: no memory, or the tables cannot be loaded. */
struct nick_rules *nick_rules_create(void);
void nick_rules_destroy(struct nick_rules **rules);

/* OK, or ERR_BAD_NICK with *out untouched. `raw` is UTF-8. */
enum err nick_parse(const struct nick_rules *rules, const char *raw, struct nick *out);
/* The same keys of a room's title; out->text is empty. OK, or ERR_BAD_FIELD with *out untouched:
 * the title is too long for them, or nothing is left of it. */
enum err nick_of_title(const struct nick_rules *rules, const char *title, struct nick *out);
/* Whether `key` is one of the two of `n`. */
bool nick_has_key(const struct nick *n, const char *key);
/* Whether people would confuse the two. */
bool nick_is_like(const struct nick *a, const struct nick *b);

#endif

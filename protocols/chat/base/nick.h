/* nick.h - which nicknames there are, and which of them look alike.
 * Used by: cmd_hello.c. Rules: NFKC (UAX #15), visible characters only, and the skeleton of UTS #39
 * over the case fold, so that two nicks which a person would confuse have one skeleton. */
#ifndef CHAT_NICK_H
#define CHAT_NICK_H

#include "err.h"

#define NICK_CHARS_MAX     32
#define NICK_BYTES_MAX     128 /* 32 characters of 4 bytes */
#define NICK_COMBINING_MAX 4   /* marks in a row: enough for every living script, not for Zalgo */
#define SKELETON_BYTES_MAX 1024

struct nick {
    char text[NICK_BYTES_MAX + 1];         /* as shown */
    char skeleton[SKELETON_BYTES_MAX + 1]; /* as compared */
};

struct nick_rules; /* the Unicode tables */

struct nick_rules *nick_rules_create(void); /* NULL: the tables cannot be loaded */
void nick_rules_destroy(struct nick_rules **rules);

/* 0, or ERR_BAD_NICK with *out untouched. `raw` is UTF-8. */
enum err nick_parse(const struct nick_rules *rules, const char *raw, struct nick *out);

#endif

/* mention.h - whom a message mentions: the last members of its body, and of that of an edit.
 * Pure, any thread.
 *
 *   …,"mentions":["Bob",…],"mentions_room":true,"mentioned":[4711,…]}
 *
 * "mentioned" has the identities, for the store: event_write() leaves it out. A body without these
 * members costs one look at its end. The node that accepts a message adds them, so a retry may get
 * others: they do not tell two events apart (event_hash()). */
#ifndef CHAT_MENTION_H
#define CHAT_MENTION_H

#include "bytes.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MENTIONS_MAX 200 /* the most that limits.mentions can be */

struct mention {
    uint64_t identity;
    const char *nick;
};

/* Ends the members of a body, which object_end() follows. Adds nothing if nobody is named. */
void mention_write(struct bytes *body, const struct mention *named, size_t n, bool room);
/* Where the members begin (with their comma), and where the one does that members do not see;
 * n if the body has none. */
size_t mention_begin(const char *body, size_t n);
size_t mention_hidden(const char *body, size_t n);
/* The whole body, if it mentions anybody: a new object. NULL: it does not; or no memory. */
json_t *mention_parse(const char *body, size_t n);
/* Removes them, or the one that members do not see. */
void mention_remove(json_t *body);
void mention_hide(json_t *body);

#endif

/* words.h - what a person looks for: the words of a search. Pure, any thread.
 *
 * Words stand apart by spaces, and all of them are wanted, each anywhere in the text. "…" around
 * several makes them one. There is no other syntax, and no text is wrong: a quote that nothing
 * ends, or that has nothing in it, is looked for like any character. */
#ifndef CHAT_WORDS_H
#define CHAT_WORDS_H

#include "bytes.h"

struct words {
    struct bytes text; /* folded, one behind the other, each with its NUL */
};

/* A failed allocation sets text.failed. */
void words_parse(struct words *w, const char *text);
void words_finish(struct words *w);
/* Whether the folded text has all of them. Without words every text has. */
bool words_match(const struct words *w, const char *folded, size_t n);
/* Appends their grams (gram.h). None if no word has two characters, or is an emoji. */
void words_add_grams(const struct words *w, struct bytes *to);

#endif

/* at_name.h - the names that a text may mention: what stands behind each "@". Pure, any thread.
 *
 * A name is a nick, which may have blanks, so several ends are possible: the one who asks takes the
 * longest that exists. It ends where a word ends; scripts without blanks have words of one letter.
 * @"Bob B" has one end. Nothing inside code, that is, between two runs of as many `.
 * No name follows a letter or digit, as in an e-mail address, nor "_", "+" or "/". */
#ifndef CHAT_AT_NAME_H
#define CHAT_AT_NAME_H

#include <stdbool.h>
#include <stdint.h>

/* Set `text` (UTF-8) and its length; the rest is zero. */
struct at_names {
    const char *text;
    int32_t n;
    /* at_name.c only */
    int32_t at;         /* the search for the next "@" goes on here */
    int32_t begin, end; /* of the name that came last; begin 0: none */
    int32_t chars;
    int32_t lone; /* runs of ` without another one so far */
};

struct at_name {
    int32_t begin, end; /* of the name in the text */
    int32_t after;      /* where the text goes on: behind the quote, if it has one */
};

/* Names with the same `begin` follow each other, the shortest first. False: there are no more. */
bool at_name_next(struct at_names *names, struct at_name *out);

#endif

/* fold.h - the form of a text in which a search compares it. Pure, any thread.
 *
 * NFKC case folding (UAX #15, UAX #31) takes away case, width, ligatures and what cannot be seen,
 * the joiners and variations of emoji included. Then marks go where they are accents, vowel points
 * or the like: on letters of the Latin, Greek, Cyrillic, Hebrew and Arabic scripts. Elsewhere they
 * are letters or make another letter (Devanagari, Thai, the voicing of kana), and stay. */
#ifndef CHAT_FOLD_H
#define CHAT_FOLD_H

#include "bytes.h"

#define FOLD_EDGE '\n' /* between two texts: no folded text has it */

/* Changes with the form: an index that was made with another number is made again. ICU's version
 * counts besides. */
#define FOLD_VERSION 1

/* Appends the folded text (of "" nothing), behind a FOLD_EDGE if `to` has a text already. A run of
 * spaces of any kind is one space, and there is none at the ends. `text` is UTF-8. A failed
 * allocation sets to->failed. */
void fold_add(struct bytes *to, const char *text);

#endif

/* seen.h - what a reader sees of a text: some characters show nothing, and texts that look the same
 * may have different bytes. Pure, any thread. */
#ifndef CHAT_SEEN_H
#define CHAT_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* False for a space, a control, a character that Unicode calls default ignorable, and one that its
 * charts draw as a blank. An unassigned or private one is seen as a box. */
bool seen_char(int32_t c);
/* Whether anything in this UTF-8 can be seen. */
bool seen_any(const char *text, size_t n);
/* New: the text after NFKC (UAX #15), without what cannot be seen; a run of spaces is one, and at
 * the ends none. `folded`: capitals are small letters, too. A text that is too long for this stays
 * as it is. NULL: no memory. */
char *seen_form(const char *text, bool folded);
/* Whether both have one form. */
bool seen_same(const char *a, const char *b);

#endif

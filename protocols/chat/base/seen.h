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
/* Whether both look the same: compared after NFKC (UAX #15) and without what cannot be seen; a run
 * of spaces counts as one, and at the ends as none. */
bool seen_same(const char *a, const char *b);
/* Whether `part` is seen somewhere in `text`, in capitals or small letters. */
bool seen_within(const char *part, const char *text);

#endif

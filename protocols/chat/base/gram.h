/* gram.h - what the index of a search knows of a text: a number of 16 bits for each two characters
 * that follow each other. Rare pairs share numbers, so a search that finds a text by its grams
 * looks at the text itself. Pure, any thread. */
#ifndef CHAT_GRAM_H
#define CHAT_GRAM_H

#include "bytes.h"

#define GRAM_BITS 16

/* Marks of a text besides its characters. */
enum gram_mark { GRAM_PHOTO = 1, GRAM_POLL, GRAM_FROM };

/* Appends the grams (uint16_t) of a folded text (fold.h), the same one as often as it comes. Pairs
 * with a space or an edge have none. An emoji has a gram by itself, as people look for one. */
void gram_add_text(struct bytes *to, const char *folded, size_t n);
/* Appends that of a mark, with the folded text that belongs to it ("": none). */
void gram_add_mark(struct bytes *to, enum gram_mark mark, const char *folded, size_t n);
/* Sorts them, and leaves each once. Returns how many there are. */
size_t gram_sort(struct bytes *grams);

#endif

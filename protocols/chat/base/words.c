/* words.c - see words.h. */
#include "words.h"

#include "fold.h"
#include "gram.h"

#include <string.h>

/* Without the spaces at its ends. */
static void add(struct words *w, const char *from, const char *end)
{
    while (from < end && *from == ' ')
        from++;
    while (from < end && end[-1] == ' ')
        end--;
    if (from == end)
        return;
    bytes_add(&w->text, from, (size_t)(end - from));
    bytes_add(&w->text, "", 1);
}

/* The quote that ends the phrase which begins at `p`. NULL: that is no phrase. */
static const char *phrase_end(const char *p)
{
    const char *end = *p == '"' ? strchr(p + 1, '"') : NULL;
    return end != NULL && strspn(p + 1, " ") < (size_t)(end - p - 1) ? end : NULL;
}

void words_parse(struct words *w, const char *text)
{
    struct bytes folded = {0};
    *w = (struct words){0};
    fold_add(&folded, text);
    bytes_add(&folded, "", 1);
    for (const char *p = folded.at, *end; !folded.failed && *p != '\0'; p = end) {
        const char *quote = phrase_end(p);
        end = quote != NULL ? quote : p + strcspn(p, " ");
        add(w, quote != NULL ? p + 1 : p, end);
        end += quote != NULL;
        end += strspn(end, " ");
    }
    w->text.failed |= folded.failed;
    bytes_finish(&folded);
}

void words_finish(struct words *w) { bytes_finish(&w->text); }

#define each_word(word, size, w)                                                                   \
    for (size_t i_ = 0, size; i_ < (w)->text.size && (size = strlen((w)->text.at + i_)) > 0;       \
         i_ += size + 1)                                                                           \
        for (const char *word = (w)->text.at + i_; word != NULL; word = NULL)

bool words_match(const struct words *w, const char *folded, size_t n)
{
    if (n == 0)
        return w->text.size == 0;
    each_word(word, size, w) if (memmem(folded, n, word, size) == NULL) return false;
    return true;
}

void words_add_grams(const struct words *w, struct bytes *to)
{
    each_word(word, size, w) gram_add_text(to, word, size);
}

/* reference.c - see reference.h. No parser: it looks at what stands before a quoted "./". */
#include "reference.h"

#include <string.h>

static bool ends_with(const char *text, const char *end, const char *word)
{
    size_t n = strlen(word);
    return (size_t)(end - text) >= n && memcmp(end - n, word, n) == 0;
}

/* What stands in `text` before the quote. False: it makes no reference. */
static bool classify(const char *text, const char *quote, enum reference_kind *kind)
{
    if (ends_with(text, quote, "=")) {
        *kind = REFERENCE_ADDRESS;
        return true;
    }
    if (ends_with(text, quote, "import(")) {
        *kind = REFERENCE_LATER;
        return true;
    }
    *kind = REFERENCE_IMPORT;
    return ends_with(text, quote, "from ") || ends_with(text, quote, "import ");
}

bool reference_next(const char **from, const char *end, struct reference *out)
{
    const char *text = *from;
    for (const char *at = text, *dot; (dot = memmem(at, (size_t)(end - at), "./", 2)) != NULL;) {
        at = dot + 2;
        const char *quote = dot - 1;
        if (dot == text || (*quote != '"' && *quote != '\'') || !classify(text, quote, &out->kind))
            continue;
        const char *last = memchr(at, *quote, (size_t)(end - at));
        if (last == NULL)
            break;
        out->at = at;
        out->size = (size_t)(last - at);
        *from = last;
        return true;
    }
    *from = end;
    return false;
}

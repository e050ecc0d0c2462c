/* fuzz_search.c - takes any bytes for a text and for what somebody looks for in it. Whatever they
 * are, every word of a text is found in it, and by the grams of the text. */
#include "../unit/world.h"

#include "chat/base/fold.h"
#include "chat/base/gram.h"
#include "chat/base/json.h"
#include "chat/base/words.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void assert_among(const struct bytes *grams, const struct bytes *all)
{
    const uint16_t *some = (const uint16_t *)(const void *)grams->at,
                   *at = (const uint16_t *)(const void *)all->at;
    for (size_t i = 0, k = 0; i < grams->size / sizeof *some; i++, k++) {
        while (k < all->size / sizeof *at && at[k] != some[i])
            k++;
        assert_true(k < all->size / sizeof *at);
    }
}

static void search(const char *text)
{
    struct bytes folded = {0}, all = {0}, grams = {0};
    struct words words;
    fold_add(&folded, text);
    gram_add_text(&all, folded.at, folded.size);
    words_parse(&words, text);
    words_add_grams(&words, &grams);
    assert_false(folded.failed || words.text.failed);
    assert_true(folded.size == 0 || utf8_ok(folded.at, folded.size));
    assert_true(words_match(&words, folded.at, folded.size));
    gram_sort(&all);
    gram_sort(&grams);
    assert_among(&grams, &all);
    words_finish(&words);
    bytes_finish(&folded);
    bytes_finish(&all);
    bytes_finish(&grams);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = strndup((const char *)data, size);
    if (utf8_ok(text, strlen(text)))
        search(text);
    free(text);
    return 0;
}

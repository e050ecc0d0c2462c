/* seen.c - see seen.h. */
#include "seen.h"

#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

#define CHARS_MAX 2560 /* of 400 bytes after NFKC: at most 18 for 3 bytes */

bool seen_char(int32_t c)
{
    /* By their category they are seen, but browsers draw nothing: Braille blank, interlinear
     * annotations, object replacement, blank hieroglyphs, Khitan filler, null notehead. */
    static const UChar32 blanks[] = {0x2800,  0xFFF9,  0xFFFA,  0xFFFB, 0xFFFC,
                                     0x13441, 0x13442, 0x16FE4, 0x1D159};
    const uint32_t unseen = U_GC_CC_MASK | U_GC_CS_MASK | U_GC_Z_MASK;
    if (c > ' ' && c < 0x7f)
        return true;
    for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++)
        if (c == blanks[i])
            return false;
    return ((uint32_t)U_GET_GC_MASK(c) & unseen) == 0 && !u_isUWhiteSpace(c) &&
           !u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
}

bool seen_any(const char *text, size_t n)
{
    const uint8_t *s = (const uint8_t *)text;
    for (size_t i = 0; i < n;) {
        UChar32 c;
        U8_NEXT(s, i, n, c);
        if (seen_char(c))
            return true;
    }
    return false;
}

/* Leaves what is seen of the `n` characters in place. Returns their number. */
static int32_t keep_seen(UChar32 *chars, int32_t n)
{
    int32_t to = 0;
    bool space = false;
    for (int32_t i = 0; i < n; i++) {
        bool shown = seen_char(chars[i]);
        if (shown && space && to > 0)
            chars[to++] = ' ';
        space = shown ? false : space || u_isUWhiteSpace(chars[i]);
        if (shown)
            chars[to++] = chars[i];
    }
    return to;
}

/* -1: it is too long to be compared. */
static int32_t read_seen(const char *text, UChar32 *to)
{
    UChar units[CHARS_MAX], nfkc[CHARS_MAX];
    int32_t n = 0, chars = 0;
    UErrorCode e = U_ZERO_ERROR;
    u_strFromUTF8(units, CHARS_MAX, &n, text, -1, &e);
    n = unorm2_normalize(unorm2_getNFKCInstance(&e), units, n, nfkc, CHARS_MAX, &e);
    u_strToUTF32(to, CHARS_MAX, &chars, nfkc, n, &e);
    return U_FAILURE(e) ? -1 : keep_seen(to, chars);
}

/* ASCII whose every byte is seen, most titles: such texts are the same only if they are equal. */
static bool is_plain(const char *text)
{
    for (const char *p = text; *p != '\0'; p++)
        if (*p < ' ' || *p > '~' || (*p == ' ' && (p == text || p[1] == ' ' || p[1] == '\0')))
            return false;
    return true;
}

bool seen_same(const char *a, const char *b)
{
    UChar32 seen_a[CHARS_MAX], seen_b[CHARS_MAX];
    if (strcmp(a, b) == 0 || (is_plain(a) && is_plain(b)))
        return strcmp(a, b) == 0;
    int32_t n = read_seen(a, seen_a);
    return n >= 0 && n == read_seen(b, seen_b) &&
           memcmp(seen_a, seen_b, (size_t)n * sizeof *seen_a) == 0;
}

static bool fold(const char *text, UChar *to)
{
    UChar units[CHARS_MAX], nfkc[CHARS_MAX];
    int32_t n = 0;
    UErrorCode e = U_ZERO_ERROR;
    u_strFromUTF8(units, CHARS_MAX, &n, text, -1, &e);
    n = unorm2_normalize(unorm2_getNFKCInstance(&e), units, n, nfkc, CHARS_MAX, &e);
    u_strFoldCase(to, CHARS_MAX, nfkc, n, U_FOLD_CASE_DEFAULT, &e);
    return U_SUCCESS(e) && e != U_STRING_NOT_TERMINATED_WARNING;
}

bool seen_within(const char *part, const char *text)
{
    UChar folded_part[CHARS_MAX], folded_text[CHARS_MAX];
    return fold(part, folded_part) && fold(text, folded_text) &&
           u_strstr(folded_text, folded_part) != NULL;
}

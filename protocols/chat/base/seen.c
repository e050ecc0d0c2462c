/* seen.c - see seen.h. */
#include "seen.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

#define CHARS_MAX 2560 /* of 400 bytes after NFKC, at most 18 for 3 bytes */

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

/* -1: it cannot be brought into this form. */
static int32_t read_seen(const char *text, bool folded, UChar32 *to)
{
    UChar units[CHARS_MAX], normal[CHARS_MAX];
    int32_t n = 0, chars = 0;
    UErrorCode e = U_ZERO_ERROR;
    const UNormalizer2 *form =
        folded ? unorm2_getNFKCCasefoldInstance(&e) : unorm2_getNFKCInstance(&e);
    u_strFromUTF8(units, CHARS_MAX, &n, text, -1, &e);
    n = unorm2_normalize(form, units, n, normal, CHARS_MAX, &e);
    u_strToUTF32(to, CHARS_MAX, &chars, normal, n, &e);
    return U_FAILURE(e) ? -1 : keep_seen(to, chars);
}

char *seen_form(const char *text, bool folded)
{
    UChar32 chars[CHARS_MAX];
    int32_t n = read_seen(text, folded, chars), size = 0;
    if (n < 0)
        return strdup(text);
    char *form = malloc(4 * (size_t)n + 1);
    for (int32_t i = 0; form != NULL && i < n; i++)
        U8_APPEND_UNSAFE((uint8_t *)form, size, (uint32_t)chars[i]);
    if (form != NULL)
        form[size] = '\0';
    return form;
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
    if (strcmp(a, b) == 0 || (is_plain(a) && is_plain(b)))
        return strcmp(a, b) == 0;
    char *form_a = seen_form(a, false), *form_b = seen_form(b, false);
    bool same = form_a != NULL && form_b != NULL && strcmp(form_a, form_b) == 0;
    free(form_a);
    free(form_b);
    return same;
}

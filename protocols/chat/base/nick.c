/* nick.c - see nick.h. */
#include "nick.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ucasemap.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>

#define RAW_UNITS_MAX 512 /* UTF-16 units of the input: more than 32 characters ever need */

struct nick_rules {
    const UNormalizer2 *nfkc; /* ICU's own, never closed */
    USpoofChecker *spoof;
    UCaseMap *fold;
};

struct nick_rules *nick_rules_create(void)
{
    struct nick_rules *r = calloc(1, sizeof *r);
    if (r == NULL)
        return NULL;
    UErrorCode e = U_ZERO_ERROR;
    r->nfkc = unorm2_getNFKCInstance(&e);
    r->spoof = uspoof_open(&e);
    r->fold = ucasemap_open("", U_FOLD_CASE_DEFAULT, &e);
    if (U_FAILURE(e))
        nick_rules_destroy(&r);
    return r;
}

void nick_rules_destroy(struct nick_rules **rules)
{
    struct nick_rules *r = *rules;
    if (r == NULL)
        return;
    uspoof_close(r->spoof);
    ucasemap_close(r->fold);
    free(r);
    *rules = NULL;
}

static bool is_mark(UChar32 c)
{
    return ((uint32_t)U_GET_GC_MASK(c) & (U_GC_MN_MASK | U_GC_ME_MASK)) != 0;
}

/* A character that can be seen, or a plain space: NFKC turns other spaces into plain ones. */
static bool is_visible(UChar32 c)
{
    const UChar32 braille_blank = 0x2800;
    uint32_t unseen = U_GC_C_MASK | U_GC_ZL_MASK | U_GC_ZP_MASK;
    if (c == ' ')
        return true;
    return ((uint32_t)U_GET_GC_MASK(c) & (unseen | U_GC_ZS_MASK)) == 0 && c != braille_blank &&
           !u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
}

static bool is_allowed(const UChar32 *text, int32_t chars)
{
    int marks = 0;
    for (int32_t i = 0; i < chars; i++) {
        marks = is_mark(text[i]) ? marks + 1 : 0;
        bool doubled = i > 0 && text[i] == ' ' && text[i - 1] == ' '; /* looks like one */
        if (!is_visible(text[i]) || doubled || marks > NICK_COMBINING_MAX || (marks > 0 && i == 0))
            return false;
    }
    return chars >= 1 && chars <= NICK_CHARS_MAX && text[0] != ' ' && text[chars - 1] != ' ';
}

/* The skeleton of the fold, folded again: "B0b", "bob" and Cyrillic look-alikes become the same. A
 * capital i looks like a small L and folds to a small i, so all three become one letter. */
static bool make_skeleton(const struct nick_rules *r, const char *nick, char *to)
{
    char folded[SKELETON_BYTES_MAX + 1], skeleton[SKELETON_BYTES_MAX + 1];
    UErrorCode e = U_ZERO_ERROR;
    ucasemap_utf8FoldCase(r->fold, folded, sizeof folded, nick, -1, &e);
    uspoof_getSkeletonUTF8(r->spoof, 0, folded, -1, skeleton, sizeof skeleton, &e);
    ucasemap_utf8FoldCase(r->fold, to, SKELETON_BYTES_MAX + 1, skeleton, -1, &e);
    if (U_FAILURE(e) || e == U_STRING_NOT_TERMINATED_WARNING)
        return false;
    for (char *p = to; *p != '\0'; p++)
        if (*p == 'i')
            *p = 'l';
    return true;
}

enum err nick_parse(const struct nick_rules *rules, const char *raw, struct nick *out)
{
    UChar units[RAW_UNITS_MAX], nfkc[RAW_UNITS_MAX];
    UChar32 text[RAW_UNITS_MAX];
    int32_t n = 0, chars = 0, bytes = 0;
    struct nick nick;
    UErrorCode e = U_ZERO_ERROR;

    u_strFromUTF8(units, RAW_UNITS_MAX, &n, raw, -1, &e);
    n = unorm2_normalize(rules->nfkc, units, n, nfkc, RAW_UNITS_MAX, &e);
    u_strToUTF32(text, RAW_UNITS_MAX, &chars, nfkc, n, &e);
    if (U_FAILURE(e) || !is_allowed(text, chars))
        return ERR_BAD_NICK;
    u_strToUTF8(nick.text, sizeof nick.text, &bytes, nfkc, n, &e);
    if (U_FAILURE(e) || !make_skeleton(rules, nick.text, nick.skeleton))
        return ERR_BAD_NICK;
    *out = nick;
    return OK;
}

/* nick.c - see nick.h. */
#include "nick.h"

#include "seen.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ucasemap.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

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

/* NFKC turns other spaces into plain ones. */
static bool is_shown(UChar32 c)
{
    bool is_assigned = ((uint32_t)U_GET_GC_MASK(c) & U_GC_C_MASK) == 0;
    return c == ' ' || (is_assigned && seen_char(c));
}

static bool is_allowed(const UChar32 *text, int32_t chars)
{
    int marks = 0;
    for (int32_t i = 0; i < chars; i++) {
        marks = is_mark(text[i]) ? marks + 1 : 0;
        bool doubled = i > 0 && text[i] == ' ' && text[i - 1] == ' '; /* looks like one */
        if (!is_shown(text[i]) || doubled || marks > NICK_COMBINING_MAX || (marks > 0 && i == 0))
            return false;
    }
    return chars >= 1 && chars <= NICK_CHARS_MAX && text[0] != ' ' && text[chars - 1] != ' ';
}

/* --- what UTS #39 leaves different ---------------------------------------------------------- */

/* A line through, over or under a letter, or a ring around it. As a mark of its own only: that of
 * "Ł", "ø" and "đ" makes another letter. */
static bool is_line(UChar32 c)
{
    return u_getCombiningClass(c) == 1 || ((uint32_t)U_GET_GC_MASK(c) & U_GC_ME_MASK) != 0 ||
           c == 0x305 || c == 0x332 || c == 0x333 || c == 0x33F;
}

/* The Latin letter that is drawn as a small capital, or light on dark; else `c`. */
static UChar32 letter_of(UChar32 c)
{
    static const UChar32 small_capitals['z' - 'a' + 1] = {
        0x1D00, 0x299,  0x1D04, 0x1D05, 0x1D07, 0xA730, 0x262,  0x29C,  0x26A,
        0x1D0A, 0x1D0B, 0x29F,  0x1D0D, 0x274,  0x1D0F, 0x1D18, 0xA7AF, 0x280,
        0xA731, 0x1D1B, 0x1D1C, 0x1D20, 0x1D21, 0,      0x28F,  0x1D22};
    static const UChar32 dark[] = {0x1F150, 0x1F170, 0x1F1E6}; /* the first of 26 each */
    for (size_t i = 0; c > 0x7F && i < sizeof dark / sizeof *dark; i++)
        if (c >= dark[i] && c <= dark[i] + 'z' - 'a')
            return 'a' + c - dark[i];
    for (int i = 0; c > 0x7F && i <= 'z' - 'a'; i++)
        if (c == small_capitals[i])
            return 'a' + i;
    return c;
}

/* Three letters or more, of which no two stand side by side: "a d m i n", "F.A.Q." */
static bool is_spelled(const UChar32 *text, int32_t n)
{
    int32_t letters = 0, alphabetic = 0;
    bool beside = false;
    for (int32_t i = 0; i < n; i++) {
        if (is_mark(text[i]))
            continue;
        bool letter = u_isalnum(text[i]);
        if (letter && beside)
            return false;
        beside = letter;
        letters += letter;
        alphabetic += u_isalpha(text[i]) != 0;
    }
    return letters >= 3 && alphabetic > 0;
}

/* ICU writes no zero behind a text that fills its buffer: there is one more. */
struct form {
    char text[SKELETON_BYTES_MAX + 2];
};
#define FORM_BYTES (SKELETON_BYTES_MAX + 1)

/* The text without lines and blanks between letters, and with plain letters. */
static bool make_bare(const char *from, struct form *to)
{
    const uint8_t *s = (const uint8_t *)from;
    UChar32 text[FORM_BYTES];
    int32_t n = 0, size = 0;
    for (size_t i = 0, bytes = strlen(from); i < bytes;) {
        UChar32 c;
        U8_NEXT(s, i, bytes, c);
        if (c < 0 || n == FORM_BYTES)
            return false;
        if (!is_line(c))
            text[n++] = letter_of(c);
    }
    const bool spelled = is_spelled(text, n);
    for (int32_t i = 0; i < n; i++)
        if (size + U8_MAX_LENGTH > FORM_BYTES)
            return false;
        else if (!spelled || u_isalnum(text[i]) || is_mark(text[i]))
            U8_APPEND_UNSAFE((uint8_t *)to->text, size, (uint32_t)text[i]);
    to->text[size] = '\0';
    return true;
}

static void fold(const struct nick_rules *r, const char *from, struct form *to, UErrorCode *e)
{
    ucasemap_utf8FoldCase(r->fold, to->text, FORM_BYTES, from, -1, e);
}

static void make_skeleton(const struct nick_rules *r, const char *from, struct form *to,
                          UErrorCode *e)
{
    uspoof_getSkeletonUTF8(r->spoof, 0, from, -1, to->text, FORM_BYTES, e);
}

/* A capital i looks like a small L and folds to a small i, so all three become one letter, with a
 * dot above (U+0307) or without. */
static bool finish(const struct form *from, char to[SKELETON_BYTES_MAX + 1], UErrorCode e)
{
    if (U_FAILURE(e) || e == U_STRING_NOT_TERMINATED_WARNING)
        return false;
    for (const char *p = from->text; *p != '\0'; p++) {
        char c = *p == 'i' ? 'l' : *p;
        *to++ = c;
        if ((c == 'l' || c == 'j') && strncmp(p + 1, "\xcc\x87", 2) == 0)
            p += 2;
    }
    *to = '\0';
    return true;
}

/* The skeleton of the fold, folded again: "B0b", "bob" and Cyrillic look-alikes become the same. */
static bool make_key(const struct nick_rules *r, const char *from, char to[SKELETON_BYTES_MAX + 1])
{
    struct form folded = {0}, skeleton = {0};
    UErrorCode e = U_ZERO_ERROR;
    fold(r, from, &folded, &e);
    make_skeleton(r, folded.text, &skeleton, &e);
    fold(r, skeleton.text, &folded, &e);
    return finish(&folded, to, e);
}

/* For the look the skeleton as typed comes first: a Cyrillic "Тom" has a capital that looks like a
 * Latin one, and its small letter does not. The other key must stay as it is: holders have it. */
static bool make_keys(const struct nick_rules *r, const char *text, struct nick *n)
{
    struct form bare = {0}, typed = {0};
    UErrorCode e = U_ZERO_ERROR;
    if (!make_bare(text, &bare))
        return false;
    make_skeleton(r, bare.text, &typed, &e);
    return U_SUCCESS(e) && make_key(r, text, n->skeleton) && make_key(r, typed.text, n->look);
}

bool nick_has_key(const struct nick *n, const char *key)
{
    return strcmp(n->skeleton, key) == 0 || strcmp(n->look, key) == 0;
}

enum err nick_of_title(const struct nick_rules *rules, const char *title, struct nick *out)
{
    struct nick keys = {0};
    char *seen = seen_form(title, false);
    bool made = seen != NULL && make_keys(rules, seen, &keys);
    free(seen);
    if (!made || nick_has_key(&keys, ""))
        return ERR_BAD_FIELD;
    *out = keys;
    return OK;
}

bool nick_is_like(const struct nick *a, const struct nick *b)
{
    return nick_has_key(a, b->skeleton) || nick_has_key(a, b->look);
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
    if (U_FAILURE(e) || !make_keys(rules, nick.text, &nick))
        return ERR_BAD_NICK;
    *out = nick;
    return OK;
}

/* fold.c - see fold.h. */
#include "fold.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

/* --- ASCII, which needs no tables ----------------------------------------------------------- */

static bool is_space(UChar32 c)
{
    bool ascii = c == ' ' || (c >= '\t' && c <= '\r');
    return ascii || (c >= 0x85 && u_isUWhiteSpace(c));
}

/* False: it is not all ASCII. */
static bool add_ascii(struct bytes *to, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] >= 0x80)
            return false;
    size_t begin = to->size;
    bytes_add(to, text, n);
    if (to->failed)
        return true;
    char *out = to->at + begin;
    bool space = false;
    for (const char *p = text; *p != '\0'; p++) {
        if (is_space((unsigned char)*p)) {
            space = out > to->at + begin;
            continue;
        }
        if (space)
            *out++ = ' ';
        space = false;
        *out++ = *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p;
    }
    to->size = (size_t)(out - to->at);
    return true;
}

/* --- all others ----------------------------------------------------------------------------- */

#define UNITS_OWN 512 /* UTF-16 units that need no allocation */

struct units {
    UChar *at;
    int32_t n, capacity;
    UChar own[UNITS_OWN];
};

static void units_init(struct units *u)
{
    u->at = u->own;
    u->n = 0;
    u->capacity = UNITS_OWN;
}

static void units_finish(struct units *u)
{
    if (u->at != u->own)
        free(u->at);
}

/* Drops what is there. */
static bool units_make_room(struct units *u, int32_t capacity)
{
    if (capacity <= u->capacity)
        return true;
    units_finish(u);
    u->at = malloc((size_t)capacity * sizeof *u->at);
    u->capacity = u->at == NULL ? 0 : capacity;
    return u->at != NULL;
}

static bool read_units(struct units *to, const char *text, size_t n)
{
    UErrorCode e = U_ZERO_ERROR;
    if (n > INT32_MAX / 64 || !units_make_room(to, (int32_t)n))
        return false;
    u_strFromUTF8(to->at, to->capacity, &to->n, text, (int32_t)n, &e);
    return U_SUCCESS(e);
}

static bool normalize(const UNormalizer2 *form, struct units *to, const struct units *from)
{
    UErrorCode e = U_ZERO_ERROR;
    to->n = unorm2_normalize(form, from->at, from->n, to->at, to->capacity, &e);
    if (e == U_BUFFER_OVERFLOW_ERROR) {
        e = U_ZERO_ERROR;
        if (!units_make_room(to, to->n))
            return false;
        to->n = unorm2_normalize(form, from->at, from->n, to->at, to->capacity, &e);
    }
    return U_SUCCESS(e);
}

static UChar32 next_char(const struct units *u, int32_t *i)
{
    UChar32 c = u->at[(*i)++];
    if (c >= 0xd800 && c < 0xdc00 && *i < u->n)
        c = U16_GET_SUPPLEMENTARY(c, u->at[(*i)++]);
    return c;
}

static bool has_accents(UChar32 base)
{
    UErrorCode e = U_ZERO_ERROR;
    switch (uscript_getScript(base, &e)) {
    case USCRIPT_LATIN:
    case USCRIPT_GREEK:
    case USCRIPT_CYRILLIC:
    case USCRIPT_HEBREW:
    case USCRIPT_ARABIC: return true;
    default: return false;
    }
}

#define TATWEEL 0x0640 /* stretches an Arabic word, and means nothing */

/* Of decomposed characters. */
static void strip_accents(struct units *u)
{
    bool accents = false;
    int32_t to = 0;
    for (int32_t i = 0; i < u->n;) {
        int32_t begin = i;
        UChar32 c = next_char(u, &i);
        bool mark = c >= 0x300 && u_charType(c) == U_NON_SPACING_MARK;
        if (!mark)
            accents = has_accents(c);
        if ((mark && accents) || c == TATWEEL)
            continue;
        while (begin < i)
            u->at[to++] = u->at[begin++];
    }
    u->n = to;
}

static void add_units(struct bytes *to, const struct units *u)
{
    const size_t begin = to->size;
    bool space = false;
    for (int32_t i = 0; i < u->n;) {
        uint8_t utf8[4];
        int32_t n = 0;
        UChar32 c = next_char(u, &i);
        if (is_space(c)) {
            space = to->size > begin;
            continue;
        }
        if (space)
            bytes_add(to, " ", 1);
        space = false;
        U8_APPEND_UNSAFE(utf8, n, (uint32_t)c);
        bytes_add(to, utf8, (size_t)n);
    }
}

/* NFC again: a syllable of Hangul is one character. */
static void add_wide(struct bytes *to, const char *text, size_t n)
{
    UErrorCode e = U_ZERO_ERROR;
    const UNormalizer2 *fold = unorm2_getNFKCCasefoldInstance(&e);
    const UNormalizer2 *apart = unorm2_getNFDInstance(&e), *whole = unorm2_getNFCInstance(&e);
    struct units a, b;
    units_init(&a);
    units_init(&b);
    bool done = U_SUCCESS(e) && read_units(&a, text, n) && normalize(fold, &b, &a) &&
                normalize(apart, &a, &b);
    if (done) {
        strip_accents(&a);
        done = normalize(whole, &b, &a);
    }
    if (done)
        add_units(to, &b);
    to->failed |= !done;
    units_finish(&a);
    units_finish(&b);
}

void fold_add(struct bytes *to, const char *text)
{
    const size_t n = strlen(text);
    if (n == 0)
        return;
    if (to->size > 0)
        bytes_add(to, (char[]){FOLD_EDGE}, 1);
    if (!add_ascii(to, text, n))
        add_wide(to, text, n);
}

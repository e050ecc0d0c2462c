/* at_name.c - see at_name.h. */
#include "at_name.h"

#include "nick.h"

#include <string.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#define LONE_MAX 64 /* runs of ` that are text: for each the rest is read */

/* --- characters ----------------------------------------------------------------------------- */

/* A blank at both ends of the text. */
static UChar32 char_at(const struct at_names *s, int32_t i)
{
    const uint8_t *text = (const uint8_t *)s->text;
    UChar32 c = ' ';
    if (i < s->n)
        U8_NEXT(text, i, s->n, c);
    return c;
}

static UChar32 char_before(const struct at_names *s, int32_t i)
{
    const uint8_t *text = (const uint8_t *)s->text;
    UChar32 c = ' ';
    if (i > 0)
        U8_PREV(text, 0, i, c);
    return c;
}

static int32_t behind(const struct at_names *s, int32_t i)
{
    const uint8_t *text = (const uint8_t *)s->text;
    U8_FWD_1(text, i, s->n);
    return i;
}

static bool is_letter(UChar32 c) { return u_isalnum(c) || c == '_'; }

static bool is_mark(UChar32 c)
{
    return ((uint32_t)U_GET_GC_MASK(c) & U_GC_M_MASK) != 0 || c == 0x200D ||
           u_hasBinaryProperty(c, UCHAR_EMOJI_MODIFIER);
}

/* A letter that may end a word wherever it stands, for want of blanks (UAX #14), or before the
 * particles of Korean. */
static bool stands_alone(UChar32 c)
{
    switch (u_getIntPropertyValue(c, UCHAR_LINE_BREAK)) {
    case U_LB_IDEOGRAPHIC:
    case U_LB_COMPLEX_CONTEXT:
    case U_LB_CONDITIONAL_JAPANESE_STARTER:
    case U_LB_NONSTARTER:
    case U_LB_H2:
    case U_LB_H3: return true;
    default: return false;
    }
}

/* Whether a name may end between the two. */
static bool is_end(UChar32 a, UChar32 b)
{
    bool one_word =
        (is_letter(a) || is_mark(a)) && is_letter(b) && !stands_alone(a) && !stands_alone(b);
    return !u_isUWhiteSpace(a) && !is_mark(b) && a != 0x200D && !one_word;
}

/* --- the next "@" --------------------------------------------------------------------------- */

static int32_t run_of_ticks(const struct at_names *s, int32_t i)
{
    int32_t n = 0;
    while (i + n < s->n && s->text[i + n] == '`')
        n++;
    return n;
}

/* Behind the code that begins here, as www/format.js has it: it ends at as many ` in the same
 * paragraph, and a block of three or more at so many. A run without another one is text. */
static int32_t behind_code(struct at_names *s, int32_t i)
{
    const int32_t size = run_of_ticks(s, i), begin = i + size;
    int32_t n = 0;
    for (int32_t at = begin; at < s->n && s->lone < LONE_MAX; at += n == 0 ? 1 : n) {
        n = run_of_ticks(s, at);
        if (n == size || (size >= 3 && n > size))
            return at + n;
        if (size < 3 && strncmp(s->text + at, "\n\n", 2) == 0)
            break;
    }
    s->lone++;
    return begin;
}

static bool may_follow(UChar32 before)
{
    return !is_letter(before) && !is_mark(before) && before != '+' && before != '/';
}

static bool find_at(struct at_names *s)
{
    for (int32_t i = s->at; i < s->n;) {
        if (s->text[i] == '`') {
            i = behind_code(s, i);
        } else if (s->text[i] == '\\' && s->text[i + 1] == '`') {
            i += 2;
        } else if (s->text[i++] == '@' && may_follow(char_before(s, i - 1))) {
            s->at = s->begin = s->end = i;
            s->chars = 0;
            return true;
        }
    }
    s->at = s->n;
    return false;
}

/* --- its names ------------------------------------------------------------------------------ */

static bool take_quoted(struct at_names *s, struct at_name *out)
{
    int32_t begin = s->begin + 1, quote = begin;
    while (quote < s->n && s->text[quote] != '"' && s->text[quote] != '\n')
        quote++;
    *out = (struct at_name){begin, quote, quote + 1};
    s->begin = 0;
    return quote < s->n && s->text[quote] == '"' && quote > begin &&
           quote - begin <= NICK_BYTES_MAX;
}

static bool take_longer(struct at_names *s, struct at_name *out)
{
    while (s->end < s->n && s->text[s->end] != '\n' && s->chars < NICK_CHARS_MAX) {
        s->end = behind(s, s->end);
        s->chars++;
        if (is_end(char_before(s, s->end), char_at(s, s->end))) {
            *out = (struct at_name){s->begin, s->end, s->end};
            return true;
        }
    }
    s->begin = 0;
    return false;
}

bool at_name_next(struct at_names *s, struct at_name *out)
{
    do {
        bool quoted = s->begin > 0 && s->end == s->begin && char_at(s, s->begin) == '"';
        if (s->begin > 0 && (quoted ? take_quoted(s, out) : take_longer(s, out)))
            return true;
    } while (find_at(s));
    return false;
}

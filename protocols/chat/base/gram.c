/* gram.c - see gram.h. */
#include "gram.h"

#include "fold.h"

#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#define BEYOND 0x110000u /* above all characters */

#define ASCII_BITS 7
#define PLAIN      (1u << 2 * ASCII_BITS) /* so many numbers are those of pairs of ASCII */

/* These pairs are in most texts: no other shares their numbers. */
static uint16_t gram_of(uint32_t a, uint32_t b)
{
    if (a < 0x80 && b < 0x80)
        return (uint16_t)(a << ASCII_BITS | b);
    uint32_t mixed = (a * 0x9E3779B1u) ^ (b * 0x85EBCA6Bu);
    mixed ^= mixed >> 15;
    mixed *= 0xC2B2AE35u;
    return (uint16_t)(PLAIN + (mixed >> 8) % ((1u << GRAM_BITS) - PLAIN));
}

static void add(struct bytes *to, uint32_t a, uint32_t b)
{
    uint16_t gram = gram_of(a, b);
    bytes_add(to, &gram, sizeof gram);
}

static bool is_emoji(UChar32 c)
{
    return c > 0xff && u_hasBinaryProperty(c, UCHAR_EXTENDED_PICTOGRAPHIC);
}

void gram_add_text(struct bytes *to, const char *folded, size_t n)
{
    const uint8_t *s = (const uint8_t *)folded;
    UChar32 before = ' ', c;
    for (size_t i = 0; i < n; before = c) {
        U8_NEXT_UNSAFE(s, i, c);
        if (c == ' ' || c == FOLD_EDGE)
            continue;
        if (before != ' ' && before != FOLD_EDGE)
            add(to, (uint32_t)before, (uint32_t)c);
        if (is_emoji(c))
            add(to, (uint32_t)c, BEYOND);
    }
}

/* 32-bit FNV-1a. */
static uint32_t hash(const char *text, size_t n)
{
    uint32_t h = 0x811C9DC5u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)text[i]) * 0x01000193u;
    return h;
}

void gram_add_mark(struct bytes *to, enum gram_mark mark, const char *folded, size_t n)
{
    add(to, BEYOND + (uint32_t)mark, hash(folded, n));
}

static int by_number(const void *a, const void *b)
{
    return *(const uint16_t *)a - *(const uint16_t *)b;
}

size_t gram_sort(struct bytes *grams)
{
    uint16_t *at = (uint16_t *)(void *)grams->at;
    size_t n = grams->size / sizeof *at, to = 0;
    if (n == 0 || grams->failed)
        return 0;
    qsort(at, n, sizeof *at, by_number);
    for (size_t i = 0; i < n; i++)
        if (to == 0 || at[to - 1] != at[i])
            at[to++] = at[i];
    grams->size = to * sizeof *at;
    return to;
}

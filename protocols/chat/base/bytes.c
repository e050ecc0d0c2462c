/* bytes.c - see bytes.h. */
#include "bytes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void bytes_finish(struct bytes *b)
{
    free(b->at);
    *b = (struct bytes){0};
}

static bool reserve(struct bytes *b, size_t more)
{
    if (b->failed)
        return false;
    if (b->size + more <= b->capacity)
        return true;

    size_t capacity = b->capacity ? b->capacity : 128;
    while (capacity < b->size + more)
        capacity *= 2;
    char *at = realloc(b->at, capacity);
    if (at == NULL) {
        b->failed = true;
        return false;
    }
    b->at = at;
    b->capacity = capacity;
    return true;
}

void bytes_add(struct bytes *b, const void *from, size_t n)
{
    if (n == 0 || !reserve(b, n))
        return;
    memcpy(b->at + b->size, from, n);
    b->size += n;
}

void bytes_add_text(struct bytes *b, const char *text) { bytes_add(b, text, strlen(text)); }

void bytes_add_u64(struct bytes *b, uint64_t n)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, n);
    bytes_add(b, digits, (size_t)len);
}

static void add_escaped(struct bytes *b, unsigned char c)
{
    char escape[8];
    switch (c) {
    case '"': bytes_add_text(b, "\\\""); return;
    case '\\': bytes_add_text(b, "\\\\"); return;
    case '\n': bytes_add_text(b, "\\n"); return;
    case '\t': bytes_add_text(b, "\\t"); return;
    default: snprintf(escape, sizeof escape, "\\u%04x", c); bytes_add_text(b, escape);
    }
}

void bytes_add_json(struct bytes *b, const char *text)
{
    bytes_add(b, "\"", 1);
    const char *from = text;
    for (const char *p = text; *p != '\0'; p++) {
        unsigned char c = (unsigned char)*p;
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        bytes_add(b, from, (size_t)(p - from));
        add_escaped(b, c);
        from = p + 1;
    }
    bytes_add_text(b, from);
    bytes_add(b, "\"", 1);
}

void bytes_drop(struct bytes *b, size_t n)
{
    b->size -= n;
    if (b->size > 0)
        memmove(b->at, b->at + n, b->size);
}

/* plain.c - see plain.h. Every message that a node copies passes here: jansson takes ten times as
 * long. tests/fuzz/fuzz_event.c compares the two. */
#include "plain.h"

#include "event.h"
#include "json.h"

#include <string.h>

#define DIGITS_MAX 15 /* below 2^53 */

/* What is left of the text. */
struct rest {
    const char *at, *end;
};

static bool take(struct rest *r, char c)
{
    bool there = r->at < r->end && *r->at == c;
    r->at += there;
    return there;
}

/* A string: *from_out to r->at without the quotes. *chars_out counts its bytes after unescaping. */
static bool take_string(struct rest *r, const char **from_out, size_t *bytes_out)
{
    size_t escapes = 0;
    bool ascii = true;
    const char *p = r->at + 1;
    if (!take(r, '"'))
        return false;
    for (*from_out = p; p < r->end && *p != '"'; p++) {
        if ((unsigned char)*p < 0x20)
            return false;
        ascii &= (unsigned char)*p < 0x80;
        if (*p == '\\') { /* \u takes another length, or may be a NUL */
            p++;
            escapes++;
            if (p == r->end || strchr("\"\\/bfnrt", *p) == NULL || *p == '\0')
                return false;
        }
    }
    if (p >= r->end)
        return false;
    r->at = p + 1;
    *bytes_out = (size_t)(p - *from_out) - escapes;
    return ascii || utf8_ok(*from_out, (size_t)(p - *from_out));
}

static bool string_fits(const struct field *f, const char *from, const char *end, size_t bytes)
{
    if (f->type == FIELD_STRING)
        return (int64_t)bytes >= f->min && (int64_t)bytes <= f->max;
    char id[ID_MAX + 1];
    size_t n = (size_t)(end - from);
    if (f->type != FIELD_ID || n > ID_MAX)
        return false;
    memcpy(id, from, n);
    id[n] = '\0';
    return id_ok(id);
}

static bool take_number(struct rest *r, const struct field *f)
{
    const char *from = r->at;
    int64_t n = 0;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9' && r->at - from < DIGITS_MAX)
        n = 10 * n + (*r->at++ - '0');
    bool one_form = r->at - from == 1 || (r->at > from && *from != '0');
    return f->type == FIELD_INT && one_form && n >= f->min && n <= f->max;
}

static bool take_value(struct rest *r, const struct field *f)
{
    const char *from;
    size_t bytes;
    if (r->at == r->end || *r->at != '"')
        return take_number(r, f);
    return take_string(r, &from, &bytes) && string_fits(f, from, r->at - 1, bytes);
}

/* The place of the field in the table; -1: there is none. */
static int find(const struct field *fields, const char *name, size_t n)
{
    for (int i = 0; fields[i].name != NULL; i++)
        if (strncmp(fields[i].name, name, n) == 0 && fields[i].name[n] == '\0')
            return i;
    return -1;
}

static bool take_member(struct rest *r, const struct field *fields, unsigned *seen)
{
    const char *name;
    size_t bytes;
    if (!take_string(r, &name, &bytes))
        return false;
    int i = find(fields, name, bytes);
    if (i < 0 || (*seen & 1U << i) != 0 || !take(r, ':'))
        return false;
    *seen |= 1U << i;
    return take_value(r, &fields[i]);
}

static bool is_complete(const struct field *fields, unsigned seen)
{
    for (int i = 0; fields[i].name != NULL; i++)
        if (fields[i].required && (seen & 1U << i) == 0)
            return false;
    return true;
}

bool plain_object_ok(const struct field *fields, const char *text, size_t n)
{
    struct rest r = {text, text + n};
    unsigned seen = 0;
    if (!take(&r, '{'))
        return false;
    do {
        if (!take_member(&r, fields, &seen))
            return false;
    } while (take(&r, ','));
    return take(&r, '}') && r.at == r.end && is_complete(fields, seen);
}

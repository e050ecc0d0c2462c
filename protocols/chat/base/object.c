/* object.c - see object.h. */
#include "object.h"

#include <stdlib.h>
#include <string.h>

/* A bracket at the end never belongs to a string: a string ends with its quote. */
static bool is_first(const struct bytes *b)
{
    return b->size == 0 || memchr("{[:", b->at[b->size - 1], 3) != NULL;
}

static void separate(struct bytes *b)
{
    if (!b->failed && !is_first(b))
        bytes_add(b, ",", 1);
}

static void begin(struct bytes *b, const char *name)
{
    separate(b);
    if (name == NULL)
        return;
    bytes_add(b, "\"", 1);
    bytes_add_text(b, name);
    bytes_add(b, "\":", 2);
}

void object_begin(struct bytes *b, const char *name)
{
    begin(b, name);
    bytes_add(b, "{", 1);
}

void object_end(struct bytes *b) { bytes_add(b, "}", 1); }

void array_begin(struct bytes *b, const char *name)
{
    begin(b, name);
    bytes_add(b, "[", 1);
}

void array_end(struct bytes *b) { bytes_add(b, "]", 1); }

void object_add_text(struct bytes *b, const char *name, const char *text)
{
    if (text == NULL)
        return;
    begin(b, name);
    bytes_add_json(b, text);
}

void object_add_number(struct bytes *b, const char *name, uint64_t n)
{
    begin(b, name);
    bytes_add_u64(b, n);
}

void object_add_bool(struct bytes *b, const char *name, bool on)
{
    begin(b, name);
    bytes_add_text(b, on ? "true" : "false");
}

void object_add_json(struct bytes *b, const char *name, const char *json, size_t n)
{
    begin(b, name);
    bytes_add(b, json, n);
}

void object_add_value(struct bytes *b, const char *name, const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    b->failed |= text == NULL;
    if (text != NULL)
        object_add_json(b, name, text, strlen(text));
    free(text);
}

void object_add_members(struct bytes *b, const char *object, size_t n)
{
    if (n <= 2)
        return;
    separate(b);
    bytes_add(b, object + 1, n - 2);
}

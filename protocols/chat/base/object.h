/* object.h - writes JSON objects and arrays, member by member, and sets the commas. Pure, any
 * thread.
 *
 * `name` is the member's name; NULL: the whole text, or an element of an array. Names are not
 * escaped: never pass one from outside. A failed allocation sets `b->failed`. */
#ifndef CHAT_OBJECT_H
#define CHAT_OBJECT_H

#include "bytes.h"

#include <jansson.h>

void object_begin(struct bytes *b, const char *name);
void object_end(struct bytes *b);
void array_begin(struct bytes *b, const char *name);
void array_end(struct bytes *b);

/* `text` is UTF-8; NULL adds nothing. */
void object_add_text(struct bytes *b, const char *name, const char *text);
void object_add_number(struct bytes *b, const char *name, uint64_t n);
void object_add_bool(struct bytes *b, const char *name, bool on);
/* `json` is n bytes of JSON text. */
void object_add_json(struct bytes *b, const char *name, const char *json, size_t n);
/* `value` NULL sets `b->failed`. */
void object_add_value(struct bytes *b, const char *name, const json_t *value);
/* Adds the members of `object`, n bytes of JSON text: {…} without the braces. */
void object_add_members(struct bytes *b, const char *object, size_t n);

#endif

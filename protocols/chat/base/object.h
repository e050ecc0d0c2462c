/* object.h - writes JSON objects and arrays, member by member; the commas come by themselves.
 *
 * `name` is the member's name, NULL for the whole text or an element of an array. Names are the
 * caller's own: they are not escaped. A failed allocation stays in `b->failed`. Pure, any thread.
 */
#ifndef CHAT_OBJECT_H
#define CHAT_OBJECT_H

#include "bytes.h"

#include <jansson.h>

void object_begin(struct bytes *b, const char *name);
void object_end(struct bytes *b);
void array_begin(struct bytes *b, const char *name);
void array_end(struct bytes *b);

/* `text` is UTF-8; NULL: there is no such member. */
void object_add_text(struct bytes *b, const char *name, const char *text);
void object_add_number(struct bytes *b, const char *name, uint64_t n);
void object_add_bool(struct bytes *b, const char *name, bool on);
/* `json` is JSON already. */
void object_add_json(struct bytes *b, const char *name, const char *json, size_t n);
/* NULL is "no memory". */
void object_add_value(struct bytes *b, const char *name, const json_t *value);
/* The members of an object that is JSON already: {…} without the braces. */
void object_add_members(struct bytes *b, const char *object, size_t n);

#endif

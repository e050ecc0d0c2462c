/* plain.h - a quick yes to most JSON objects, without a tree. Pure, any thread. */
#ifndef CHAT_PLAIN_H
#define CHAT_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

struct field;

/* True: `text` is one object without blanks whose members are fields of the table, each once, with
 * good values, and no required one is missing. False: parse it to know. */
bool plain_object_ok(const struct field *fields, const char *text, size_t n);

#endif

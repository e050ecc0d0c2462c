/* json.h - parses and checks JSON from outside: one object, by a table of fields. Pure, any thread.
 *
 * Never touches: what a field means. */
#ifndef CHAT_JSON_H
#define CHAT_JSON_H

#include "err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_DEPTH_MAX 16

enum field_type {
    FIELD_STRING, /* of min … max bytes */
    FIELD_STRING_OR_NULL,
    FIELD_LINE, /* the same, in one line, without bidirectional control characters; with min > 0
                 * something in it can be seen */
    FIELD_TEXT, /* up to text_max bytes, ERR_TOO_BIG for more; something in it can be seen, but
                 * one that is not required may be "" */
    FIELD_ROOM, /* a room's name */
    FIELD_ID,   /* a client's key */
    FIELD_INT,  /* min … max */
    FIELD_BOOL,
    FIELD_LINES,   /* 2 … LIST_MAX lines that look different, each of min … max bytes */
    FIELD_INDEXES, /* up to LIST_MAX different integers, each min … max */
    FIELD_STRINGS, /* up to LIST_MAX strings, each of min … max bytes */
    FIELD_NUMBERS, /* up to LIST_MAX integers, each min … max */
    FIELD_RESULTS, /* "live" or "closed" */
    FIELD_ROLE,    /* "member", "moderator" or "admin" */
    FIELD_OBJECTS, /* min … max objects, each with the fields `each` */
};

#define LIST_MAX 20

struct field {
    const char *name; /* NULL ends a table */
    enum field_type type;
    bool required;
    int64_t min, max;
    const struct field *each;
};

/* A new object. NULL: not JSON, not an object, deeper than JSON_DEPTH_MAX, or a name twice. */
json_t *json_parse_object(const char *text, size_t n);

/* A new object, as the store parses it: like json_parse_object(), but also NULL if a string
 * contains a NUL. */
json_t *json_parse_plain(const char *text, size_t n);
bool utf8_ok(const char *text, size_t n);

bool room_name_ok(const char *name);
bool id_ok(const char *id);

/* OK, ERR_BAD_FIELD or ERR_TOO_BIG; on an error *bad_out is the field's name from the table. */
enum err fields_check(const struct field *fields, const json_t *object, size_t text_max,
                      const char **bad_out);

/* Removes every member but the fields, `type` and `id`: nothing has checked the others, and they
 * would take memory while a command waits. */
void fields_drop_others(const struct field *fields, json_t *object);

/* For members that fields_check() has accepted. An absent member gives NULL, `otherwise` or false,
 * a string that contains a NUL gives NULL. Strings are borrowed from the object. */
const char *field_string(const json_t *object, const char *name);
int64_t field_int(const json_t *object, const char *name, int64_t otherwise);
bool field_bool(const json_t *object, const char *name);

#endif

/* json.c - see json.h. */
#include "json.h"

#include "event.h"
#include "seen.h"

#include <string.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

/* jansson recurses once per level: count the levels first. */
static bool is_too_deep(const char *text, size_t n)
{
    int depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        if (in_string && c == '\\')
            i++;
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && (c == '{' || c == '[') && ++depth > JSON_DEPTH_MAX)
            return true;
        else if (!in_string && (c == '}' || c == ']'))
            depth--;
    }
    return false;
}

static json_t *parse(const char *text, size_t n, size_t flags)
{
    bool has_nul = n > 0 && memchr(text, '\0', n) != NULL; /* jansson skips it */
    if (has_nul || is_too_deep(text, n))
        return NULL;
    json_t *value = json_loadb(text, n, JSON_REJECT_DUPLICATES | flags, NULL);
    if (json_is_object(value))
        return value;
    json_decref(value);
    return NULL;
}

json_t *json_parse_object(const char *text, size_t n) { return parse(text, n, JSON_ALLOW_NUL); }

json_t *json_parse_plain(const char *text, size_t n) { return parse(text, n, 0); }

bool utf8_ok(const char *text, size_t n)
{
    const uint8_t *s = (const uint8_t *)text;
    for (size_t i = 0; i < n;) {
        UChar32 c;
        U8_NEXT(s, i, n, c);
        if (c < 0)
            return false;
    }
    return true;
}

static bool is_word(const char *s, const char *alphabet, size_t max)
{
    size_t n = strspn(s, alphabet);
    return n >= 1 && n <= max && s[n] == '\0';
}

bool room_name_ok(const char *name)
{
    return is_word(name, "abcdefghijklmnopqrstuvwxyz0123456789-_", ROOM_NAME_MAX);
}

bool id_ok(const char *id) { return is_word(id, ID_CHARACTERS, ID_MAX); }

static bool is_line(const char *s, size_t n)
{
    const uint8_t *bytes = (const uint8_t *)s;
    for (size_t i = 0; i < n;) {
        UChar32 c;
        U8_NEXT(bytes, i, n, c);
        int8_t type = u_charType(c);
        if (type == U_CONTROL_CHAR || type == U_LINE_SEPARATOR || type == U_PARAGRAPH_SEPARATOR ||
            u_hasBinaryProperty(c, UCHAR_BIDI_CONTROL))
            return false;
    }
    return true;
}

static enum err check_string(const struct field *f, const json_t *value, size_t text_max)
{
    if (!json_is_string(value))
        return ERR_BAD_FIELD;
    const char *s = json_string_value(value);
    size_t n = json_string_length(value);
    if (strlen(s) != n) /* it contains a NUL */
        return ERR_BAD_FIELD;
    switch (f->type) {
    case FIELD_TEXT:
        if (n > text_max)
            return ERR_TOO_BIG;
        return (n == 0 && !f->required) || seen_any(s, n) ? OK : ERR_BAD_FIELD;
    case FIELD_ROOM: return room_name_ok(s) ? OK : ERR_BAD_FIELD;
    case FIELD_ID: return id_ok(s) ? OK : ERR_BAD_FIELD;
    case FIELD_LINE:
        if (!is_line(s, n) || (f->min > 0 && !seen_any(s, n)))
            return ERR_BAD_FIELD;
        /* fall through */
    default: return (int64_t)n >= f->min && (int64_t)n <= f->max ? OK : ERR_BAD_FIELD;
    }
}

static enum err check(const struct field *f, const json_t *value, size_t text_max);

static enum err check_list(const struct field *f, enum field_type of, size_t least,
                           const json_t *list)
{
    const struct field each = {.type = of, .min = f->min, .max = f->max};
    size_t n = json_array_size(list);
    if (!json_is_array(list) || n < least || n > LIST_MAX)
        return ERR_BAD_FIELD;
    enum err e = OK;
    for (size_t i = 0; e == OK && i < n; i++)
        e = check(&each, json_array_get(list, i), 0);
    return e;
}

static bool is_same(const json_t *a, const json_t *b)
{
    return json_is_string(a) ? seen_same(json_string_value(a), json_string_value(b))
                             : json_equal(a, b);
}

/* Also that no two elements are the same, to a reader of strings. */
static enum err check_set(const struct field *f, enum field_type of, size_t least,
                          const json_t *list)
{
    enum err e = check_list(f, of, least, list);
    for (size_t i = 0; e == OK && i < json_array_size(list); i++)
        for (size_t k = 0; e == OK && k < i; k++)
            e = is_same(json_array_get(list, i), json_array_get(list, k)) ? ERR_BAD_FIELD : OK;
    return e;
}

static enum err check_objects(const struct field *f, const json_t *list)
{
    size_t n = json_array_size(list);
    const char *bad;
    enum err e =
        json_is_array(list) && (int64_t)n >= f->min && (int64_t)n <= f->max ? OK : ERR_BAD_FIELD;
    for (size_t i = 0; e == OK && i < n; i++) {
        const json_t *object = json_array_get(list, i);
        e = json_is_object(object) ? fields_check(f->each, object, 0, &bad) : ERR_BAD_FIELD;
    }
    return e;
}

static bool is_one_of(const json_t *value, const char *a, const char *b)
{
    const char *s = json_string_value(value);
    return s != NULL && (strcmp(s, a) == 0 || strcmp(s, b) == 0);
}

static enum err check(const struct field *f, const json_t *value, size_t text_max)
{
    switch (f->type) {
    case FIELD_LINES: return check_set(f, FIELD_LINE, 2, value);
    case FIELD_INDEXES: return check_set(f, FIELD_INT, 0, value);
    case FIELD_STRINGS: return check_list(f, FIELD_STRING, 0, value);
    case FIELD_NUMBERS: return check_list(f, FIELD_INT, 0, value);
    case FIELD_RESULTS: return is_one_of(value, "live", "closed") ? OK : ERR_BAD_FIELD;
    case FIELD_ROLE:
        return is_one_of(value, "member", "moderator") || is_one_of(value, "admin", "admin")
                   ? OK
                   : ERR_BAD_FIELD;
    case FIELD_STRING_OR_NULL: return json_is_null(value) ? OK : check_string(f, value, 0);
    case FIELD_OBJECTS: return check_objects(f, value);
    case FIELD_BOOL: return json_is_boolean(value) ? OK : ERR_BAD_FIELD;
    case FIELD_INT: {
        json_int_t i = json_integer_value(value);
        return json_is_integer(value) && i >= f->min && i <= f->max ? OK : ERR_BAD_FIELD;
    }
    default: return check_string(f, value, text_max);
    }
}

enum err fields_check(const struct field *fields, const json_t *object, size_t text_max,
                      const char **bad_out)
{
    for (const struct field *f = fields; f->name != NULL; f++) {
        const json_t *value = json_object_get(object, f->name);
        if (value == NULL && !f->required)
            continue;
        enum err e = value == NULL ? ERR_BAD_FIELD : check(f, value, text_max);
        if (e != OK) {
            *bad_out = f->name;
            return e;
        }
    }
    return OK;
}

static bool is_field(const struct field *fields, const char *name)
{
    for (const struct field *f = fields; f->name != NULL; f++)
        if (strcmp(f->name, name) == 0)
            return true;
    return strcmp(name, "type") == 0 || strcmp(name, "id") == 0;
}

void fields_drop_others(const struct field *fields, json_t *object)
{
    const char *name;
    void *next;
    json_t *value;
    json_object_foreach_safe(object, next, name, value)
    {
        if (!is_field(fields, name))
            json_object_del(object, name);
    }
}

const char *field_string(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    const char *s = json_string_value(value);
    return s != NULL && strlen(s) == json_string_length(value) ? s : NULL;
}

int64_t field_int(const json_t *object, const char *name, int64_t otherwise)
{
    const json_t *value = json_object_get(object, name);
    return value == NULL ? otherwise : json_integer_value(value);
}

bool field_bool(const json_t *object, const char *name)
{
    return json_is_true(json_object_get(object, name));
}

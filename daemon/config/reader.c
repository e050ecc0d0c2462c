/* reader.c - see reader.h. A fault does not end the reading: all are reported in one run. */
#include "reader.h"

#include "chat/base/json.h"
#include "value.h"

#include <stdarg.h>
#include <string.h>

/* --- faults --------------------------------------------------------------------------------- */

static void tell_place(const struct reader *r, const config_setting_t *at)
{
    const char *file = at == NULL ? NULL : config_setting_source_file(at);
    fprintf(r->faults, "%s:", file == NULL ? r->path : file);
    if (at != NULL)
        fprintf(r->faults, "%u:", config_setting_source_line(at));
}

static void tell(struct reader *r, const config_setting_t *at, const char *what, const char *key,
                 const char *format, va_list args) __attribute__((format(printf, 5, 0)));

static void tell(struct reader *r, const config_setting_t *at, const char *what, const char *key,
                 const char *format, va_list args)
{
    tell_place(r, at);
    fprintf(r->faults, "%s %s: ", what, key);
    vfprintf(r->faults, format, args);
    fputc('\n', r->faults);
}

void reader_fault(struct reader *r, const config_setting_t *at, const char *key, const char *format,
                  ...)
{
    va_list args;
    va_start(args, format);
    tell(r, at, "", key, format, args);
    va_end(args);
    r->count++;
}

void reader_warn(struct reader *r, const config_setting_t *at, const char *key, const char *format,
                 ...)
{
    va_list args;
    va_start(args, format);
    tell(r, at, " warning:", key, format, args);
    va_end(args);
}

static const struct key *find_key(const struct key *table, const char *name)
{
    for (; table->name != NULL; table++)
        if (strcmp(table->name, name) == 0)
            return table;
    return NULL;
}

/* --- values --------------------------------------------------------------------------------- */

static int choice_of(const char *const *choices, const char *value)
{
    for (int i = 0; choices[i] != NULL; i++)
        if (strcmp(choices[i], value) == 0)
            return i;
    return -1;
}

unsigned reader_choice(struct reader *r, const config_setting_t *s, const char *const *choices,
                       unsigned otherwise)
{
    const char *value = config_setting_get_string(s);
    int i = value == NULL ? -1 : choice_of(choices, value);
    if (i >= 0)
        return (unsigned)i;
    tell_place(r, s);
    fprintf(r->faults, " %s: must be", config_setting_name(s));
    for (i = 0; choices[i] != NULL; i++)
        fprintf(r->faults, "%s \"%s\"",
                i == 0                   ? ""
                : choices[i + 1] == NULL ? " or"
                                         : ",",
                choices[i]);
    fputc('\n', r->faults);
    r->count++;
    return otherwise;
}

const char *reader_string(struct reader *r, const config_setting_t *s, const struct field *rule)
{
    struct why why = {"must be a string"};
    const char *value = config_setting_get_string(s);
    if (value != NULL && value_ok(rule, value, &why))
        return value;
    reader_fault(r, s, rule->name, "%s", why.text);
    return NULL;
}

bool reader_lookup(struct reader *r, const config_setting_t *group, const struct field *rule,
                   const char **out)
{
    const config_setting_t *s = config_setting_get_member(group, rule->name);
    const char *value = s == NULL ? NULL : reader_string(r, s, rule);
    if (value != NULL)
        *out = value;
    return value != NULL;
}

static void read_string(struct reader *r, const config_setting_t *s, const struct key *k,
                        const char **out)
{
    const struct field rule = {k->name, FIELD_LINE, true, k->min, k->max};
    const char *value = reader_string(r, s, &rule);
    if (value != NULL)
        *out = value;
}

static unsigned read_unsigned(struct reader *r, const config_setting_t *s, const struct key *k)
{
    int value = config_setting_get_int(s);
    bool whole = config_setting_type(s) == CONFIG_TYPE_INT;
    if (whole && value >= 0 && (unsigned)value >= k->min && (unsigned)value <= k->max)
        return (unsigned)value;
    reader_fault(r, s, k->name, "must be a whole number from %u to %u", k->min, k->max);
    return k->otherwise;
}

static void read_key(struct reader *r, const config_setting_t *s, const struct key *k, void *into)
{
    void *field = (char *)into + k->offset;
    if (k->type == KEY_STRING)
        read_string(r, s, k, field);
    else if (k->type == KEY_CHOICE && k->choices != NULL)
        *(unsigned *)field = reader_choice(r, s, k->choices, k->otherwise);
    else if (k->type == KEY_UNSIGNED)
        *(unsigned *)field = read_unsigned(r, s, k);
}

void reader_group(struct reader *r, const config_setting_t *group, const struct key *table,
                  void *into)
{
    for (int i = 0; group != NULL && i < config_setting_length(group); i++) {
        config_setting_t *s = config_setting_get_elem(group, (unsigned)i);
        const char *name = config_setting_name(s);
        const struct key *k = name == NULL ? NULL : find_key(table, name);
        if (k == NULL)
            reader_fault(r, s, name == NULL ? "?" : name, "there is no such key");
        else
            read_key(r, s, k, into);
    }
}

void reader_defaults(void *into, const struct key *table)
{
    for (; table->name != NULL; table++) {
        void *field = (char *)into + table->offset;
        if (table->type == KEY_STRING)
            *(const char **)field = table->text;
        else if (table->type == KEY_UNSIGNED || table->choices != NULL)
            *(unsigned *)field = table->otherwise;
    }
}

config_setting_t *reader_member(struct reader *r, const char *name, bool group)
{
    config_setting_t *s = config_lookup(r->file, name);
    if (s != NULL && (group ? !config_setting_is_group(s)
                            : !config_setting_is_list(s) && !config_setting_is_array(s))) {
        reader_fault(r, s, name, group ? "must be a group: { … };" : "must be a list: ( … );");
        return NULL;
    }
    return s;
}

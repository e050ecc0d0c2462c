/* reader.c - see reader.h. A fault does not end the reading: all are reported in one run. */
#include "reader.h"

#include <stdarg.h>
#include <string.h>

/* --- faults --------------------------------------------------------------------------------- */

void reader_fault(struct reader *r, const config_setting_t *at, const char *key, const char *format,
                  ...)
{
    va_list args;
    fprintf(r->faults, "%s:%u: %s: ", r->path, config_setting_source_line(at), key);
    va_start(args, format);
    vfprintf(r->faults, format, args);
    va_end(args);
    fputc('\n', r->faults);
    r->count++;
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
    fprintf(r->faults, "%s:%u: %s: must be", r->path, config_setting_source_line(s),
            config_setting_name(s));
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

static const char *read_string(struct reader *r, const config_setting_t *s)
{
    const char *value = config_setting_get_string(s);
    if (value == NULL || value[0] == '\0')
        reader_fault(r, s, config_setting_name(s), "must be a string that is not empty");
    return value;
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
        *(const char **)field = read_string(r, s);
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

bool reader_lookup(const config_setting_t *s, const char *name, const char **out)
{
    return config_setting_lookup_string(s, name, out) == CONFIG_TRUE;
}

void reader_refuse_others(struct reader *r, const config_setting_t *s, const char *const *known)
{
    for (int i = 0; i < config_setting_length(s); i++) {
        config_setting_t *e = config_setting_get_elem(s, (unsigned)i);
        const char *name = config_setting_name(e);
        if (name == NULL || choice_of(known, name) < 0)
            reader_fault(r, e, name == NULL ? "?" : name, "there is no such key");
    }
}

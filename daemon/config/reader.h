/* reader.h - checks libconfig's tree against tables of keys, and fills structs with the values. The
 * reader knows no key by name. */
#ifndef CONF_READER_H
#define CONF_READER_H

#include <libconfig.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define PATH_BYTES_MAX 4095
#define UNIX_BYTES_MAX 107 /* the kernel's struct sockaddr_un */

enum key_type { KEY_STRING, KEY_UNSIGNED, KEY_CHOICE, KEY_LIST, KEY_GROUP };

struct key {
    const char *name;
    enum key_type type;
    size_t offset;                /* in the struct of the table */
    unsigned min, max, otherwise; /* of a string: its bytes */
    const char *text;             /* default of a string */
    const char *const *choices;   /* ends with NULL; the value is the index */
};

/* clang-format off */
#define KEY_OF_STRING(in, name, field, most, value)       { name, KEY_STRING, offsetof(in, field), 1, most, 0, value, NULL }
#define KEY_OF_UNSIGNED(in, name, field, min, max, value) { name, KEY_UNSIGNED, offsetof(in, field), min, max, value, NULL, NULL }
/* clang-format on */

struct conf;
struct field;
struct reader {
    struct conf *conf;
    config_t *file;
    const char *path;
    FILE *faults;
    int count; /* of faults */
};

/* `at` NULL: the file does not have the key. */
void reader_fault(struct reader *r, const config_setting_t *at, const char *key, const char *format,
                  ...) __attribute__((format(printf, 4, 5)));
/* The same for what may be right on another machine: it does not count. */
void reader_warn(struct reader *r, const config_setting_t *at, const char *key, const char *format,
                 ...) __attribute__((format(printf, 4, 5)));

/* `into` is the struct that the table's offsets are of. reader_defaults() writes the default of
 * each key; reader_group() writes the keys that `group` has. A key that is not in the table is a
 * fault. `group` may be NULL. */
void reader_defaults(void *into, const struct key *table);
void reader_group(struct reader *r, const config_setting_t *group, const struct key *table,
                  void *into);
/* The index of the value in `choices`, or a fault and `otherwise`. */
unsigned reader_choice(struct reader *r, const config_setting_t *s, const char *const *choices,
                       unsigned otherwise);

/* A top-level key that must be a group, or else a list. NULL: it is absent or, a fault, of another
 * type. */
config_setting_t *reader_member(struct reader *r, const char *name, bool group);
/* A string that follows `rule` (value.h); rule->name is its key in a fault. NULL: a fault. */
const char *reader_string(struct reader *r, const config_setting_t *s, const struct field *rule);
/* The member rule->name of a group. True, and *out written: it is there and follows the rule. */
bool reader_lookup(struct reader *r, const config_setting_t *group, const struct field *rule,
                   const char **out);

#endif

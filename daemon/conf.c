/* conf.c - libconfig's tree against a table of keys: unknown keys, wrong types and values out of
 * bounds are all told in one run. See conf.h. */
#include "conf.h"

#include "chat/json.h"

#include <libconfig.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum key_type { KEY_STRING, KEY_UNSIGNED, KEY_CHOICE, KEY_LIST, KEY_GROUP };

struct key {
    const char *name;
    enum key_type type;
    size_t offset; /* in the struct that the table fills */
    unsigned min, max, otherwise;
    const char *text;           /* default of a string */
    const char *const *choices; /* ends with NULL; the value is the index */
};

/* clang-format off */
static const char *const sync_choices[] = { "normal", "full", NULL };
static const char *const role_choices[] = { "member", "moderator", "admin", "nobody", NULL };
static const char *const level_choices[] = { "error", "warn", "info", "debug", NULL };

#define STRING(name, field, value)         { name, KEY_STRING, offsetof(struct conf, field), 0, 0, 0, value, NULL }
#define CHOICE(name, field, choices, value) { name, KEY_CHOICE, offsetof(struct conf, field), 0, 0, value, NULL, choices }
#define LIMIT(name, field, min, max, value) { name, KEY_UNSIGNED, offsetof(struct conf, field), min, max, value, NULL, NULL }
#define OTHER(name, type)                   { name, type, 0, 0, 0, 0, NULL, NULL }

static const struct key keys[] = {
    STRING("name", name, "chatd"),
    STRING("state", state, "/var/lib/chatd"),
    STRING("www", www, "/usr/share/chatd/www"),
    CHOICE("create_rooms", create_rooms, role_choices, ROLE_MEMBER),
    STRING("control", control, "/run/chatd/control.sock"),
    STRING("node", node, NULL),
    OTHER("sync", KEY_CHOICE), OTHER("redis", KEY_GROUP),
    OTHER("listen", KEY_LIST), OTHER("rooms", KEY_LIST), OTHER("origins", KEY_LIST),
    OTHER("reserved_nicks", KEY_LIST), OTHER("log", KEY_GROUP), OTHER("limits", KEY_GROUP),
    {0},
};

static const struct key log_keys[] = {
    CHOICE("level", log_level, level_choices, LOG_LEVEL_INFO),
    {0},
};

static const struct key limit_keys[] = {
    LIMIT("message_bytes",           limits.message_bytes,       512,  1048576,    16384),
    LIMIT("text_bytes",              limits.text_bytes,            1,   262144,     4000),
    LIMIT("rooms",                   limits.rooms,                 1,   100000,     1000),
    LIMIT("rooms_per_session",       limits.rooms_per_session,     1,    10000,      100),
    LIMIT("connections_per_address", connections_per_address,      0,  1000000,       64),
    LIMIT("commands_per_second",     limits.commands_per_second,   0,  1000000,       10),
    LIMIT("commands_burst",          limits.commands_burst,        0,  1000000,       40),
    LIMIT("idle_seconds",            limits.idle_seconds,          4,     3600,       60),
    LIMIT("hello_seconds",           limits.hello_seconds,         1,      120,       10),
    LIMIT("resume_events",           limits.resume_events,         0,  1000000,     1000),
    LIMIT("errors",                  limits.errors,                0,    10000,       20),
    LIMIT("here",                    limits.here,                  0,     1000,      200),
    LIMIT("nicks_per_minute",        limits.nicks_per_minute,      0,  1000000,       10),
    LIMIT("nicks_burst",             limits.nicks_burst,           1,  1000000,      128),
    LIMIT("rooms_per_person",        limits.rooms_per_person,      0,   100000,       20),
    LIMIT("nick_days",               limits.nick_days,             1,    36500,       30),
    LIMIT("photo_bytes",             photo_bytes,                  0, 1073741824, 10485760),
    LIMIT("photo_pixels",            photo_pixels,                 0, 1000000000, 40000000),
    LIMIT("uploads_per_minute",      uploads_per_minute,           0,  1000000,       20),
    LIMIT("waiting",                 limits.waiting,               1,    10000,      256),
    {0},
};
/* clang-format on */

static const char *const default_reserved[] = {"admin",  "administrator", "moderator", "server",
                                               "system", "chatd",         "root"};

struct reader {
    struct conf *conf;
    const char *path;
    FILE *faults;
    int count;
};

/* --- faults --------------------------------------------------------------------------------- */

__attribute__((format(printf, 4, 5))) static void
fault(struct reader *r, const config_setting_t *at, const char *key, const char *format, ...)
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

static unsigned read_choice(struct reader *r, const config_setting_t *s, const char *const *choices,
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
        fault(r, s, config_setting_name(s), "must be a string that is not empty");
    return value;
}

static unsigned read_unsigned(struct reader *r, const config_setting_t *s, const struct key *k)
{
    int value = config_setting_get_int(s);
    bool whole = config_setting_type(s) == CONFIG_TYPE_INT;
    if (whole && value >= 0 && (unsigned)value >= k->min && (unsigned)value <= k->max)
        return (unsigned)value;
    fault(r, s, k->name, "must be a whole number from %u to %u", k->min, k->max);
    return k->otherwise;
}

static void read_key(struct reader *r, const config_setting_t *s, const struct key *k)
{
    void *field = (char *)r->conf + k->offset;
    if (k->type == KEY_STRING)
        *(const char **)field = read_string(r, s);
    else if (k->type == KEY_CHOICE && k->choices != NULL)
        *(unsigned *)field = read_choice(r, s, k->choices, k->otherwise);
    else if (k->type == KEY_UNSIGNED)
        *(unsigned *)field = read_unsigned(r, s, k);
}

static void read_group(struct reader *r, const config_setting_t *group, const struct key *table)
{
    for (int i = 0; group != NULL && i < config_setting_length(group); i++) {
        config_setting_t *s = config_setting_get_elem(group, (unsigned)i);
        const char *name = config_setting_name(s);
        const struct key *k = name == NULL ? NULL : find_key(table, name);
        if (k == NULL)
            fault(r, s, name == NULL ? "?" : name, "there is no such key");
        else
            read_key(r, s, k);
    }
}

static void set_defaults(struct conf *conf, const struct key *table)
{
    for (; table->name != NULL; table++) {
        void *field = (char *)conf + table->offset;
        if (table->type == KEY_STRING)
            *(const char **)field = table->text;
        else if (table->type == KEY_UNSIGNED || table->choices != NULL)
            *(unsigned *)field = table->otherwise;
    }
}

/* --- lists ---------------------------------------------------------------------------------- */

static config_setting_t *member(struct reader *r, const char *name, bool group)
{
    config_setting_t *s = config_lookup(r->conf->memory, name);
    if (s != NULL && (group ? !config_setting_is_group(s)
                            : !config_setting_is_list(s) && !config_setting_is_array(s))) {
        fault(r, s, name, group ? "must be a group: { … };" : "must be a list: ( … );");
        return NULL;
    }
    return s;
}

static const char **read_strings(struct reader *r, const char *name, const char *const *otherwise,
                                 size_t otherwise_count)
{
    config_setting_t *list = member(r, name, false);
    size_t n = list == NULL ? otherwise_count : (size_t)config_setting_length(list), kept = 0;
    const char **all = calloc(n + 1, sizeof *all);
    for (size_t i = 0; all != NULL && i < n; i++) {
        const char *value =
            list == NULL ? otherwise[i] : config_setting_get_string_elem(list, (int)i);
        if (value != NULL)
            all[kept++] = value;
        else
            fault(r, list, name, "must be a list of strings");
    }
    return all;
}

/* A key of an element of a list: 1 if it is there and a string. */
static int lookup(const config_setting_t *s, const char *name, const char **out)
{
    return config_setting_lookup_string(s, name, out) == CONFIG_TRUE;
}

static void refuse_others(struct reader *r, const config_setting_t *s, const char *const *known)
{
    for (int i = 0; i < config_setting_length(s); i++) {
        config_setting_t *e = config_setting_get_elem(s, (unsigned)i);
        const char *name = config_setting_name(e);
        if (name == NULL || choice_of(known, name) < 0)
            fault(r, e, name == NULL ? "?" : name, "there is no such key");
    }
}

static void read_tls(struct reader *r, const config_setting_t *s, struct conf_listen *l)
{
    static const char *const known[] = {"cert", "key", NULL};
    config_setting_t *tls = config_setting_get_member(s, "tls");
    if (tls == NULL)
        return;
    if (!config_setting_is_group(tls) || !lookup(tls, "cert", &l->tls_cert) ||
        !lookup(tls, "key", &l->tls_key))
        fault(r, tls, "tls", "needs the files \"cert\" and \"key\"");
    else
        refuse_others(r, tls, known);
}

static void read_listen(struct reader *r, const config_setting_t *s, struct conf_listen *l)
{
    static const char *const known[] = {"address", "port", "unix", "tls", NULL};
    if (!config_setting_is_group(s)) {
        fault(r, s, "listen", "must be a list of groups");
        return;
    }
    refuse_others(r, s, known);
    read_tls(r, s, l);
    if (lookup(s, "unix", &l->unix_path))
        return;
    lookup(s, "address", &l->address);
    if (config_setting_lookup_int(s, "port", &l->port) != CONFIG_TRUE || l->port < 0 ||
        l->port > 65535)
        fault(r, s, "port", "must be a whole number from 0 to 65535");
}

static void read_room(struct reader *r, const config_setting_t *s, struct conf_room *room)
{
    static const char *const known[] = {"name", "title", "topic", "post", NULL};
    const config_setting_t *post;
    if (!config_setting_is_group(s)) {
        fault(r, s, "rooms", "must be a list of groups");
        return;
    }
    refuse_others(r, s, known);
    if (!lookup(s, "name", &room->name) || !room_name_ok(room->name))
        fault(r, s, "name", "a room's name has 1 to 48 of a-z 0-9 - _");
    if (!lookup(s, "title", &room->title))
        room->title = room->name;
    lookup(s, "topic", &room->topic);
    post = config_setting_get_member(s, "post");
    if (post != NULL)
        room->post = read_choice(r, post, role_choices, ROLE_MEMBER);
}

static void read_listens(struct reader *r)
{
    config_setting_t *list = member(r, "listen", false);
    size_t n = list == NULL ? 1 : (size_t)config_setting_length(list);
    r->conf->listen = calloc(n + 1, sizeof *r->conf->listen);
    for (size_t i = 0; r->conf->listen != NULL && i < n; i++) {
        r->conf->listen[i] = (struct conf_listen){.address = "127.0.0.1", .port = 8080};
        if (list != NULL)
            read_listen(r, config_setting_get_elem(list, (unsigned)i), &r->conf->listen[i]);
        r->conf->listen_count++;
    }
}

static void read_rooms(struct reader *r)
{
    config_setting_t *list = member(r, "rooms", false);
    size_t n = list == NULL ? 1 : (size_t)config_setting_length(list);
    r->conf->rooms = calloc(n + 1, sizeof *r->conf->rooms);
    for (size_t i = 0; r->conf->rooms != NULL && i < n; i++) {
        r->conf->rooms[i] = (struct conf_room){.topic = ""};
        if (list == NULL)
            r->conf->rooms[i] = (struct conf_room){"lobby", "Lobby", "Say hello", ROLE_MEMBER};
        else
            read_room(r, config_setting_get_elem(list, (unsigned)i), &r->conf->rooms[i]);
        r->conf->room_count++;
    }
}

/* --- what no key shows alone --------------------------------------------------------------- */

static void check_rooms(struct reader *r)
{
    const config_setting_t *list = config_lookup(r->conf->memory, "rooms");
    for (size_t i = 0; i < r->conf->room_count; i++)
        for (size_t k = 0; k < i; k++)
            if (r->conf->rooms[i].name != NULL && r->conf->rooms[k].name != NULL &&
                strcmp(r->conf->rooms[i].name, r->conf->rooms[k].name) == 0)
                fault(r, config_setting_get_elem(list, (unsigned)i), "name",
                      "there is another room of this name");
}

/* Better no daemon than one that its operator takes for a node among several. */
static void refuse_redis(struct reader *r)
{
    const config_setting_t *redis = config_lookup(r->conf->memory, "redis");
    if (redis != NULL)
        fault(r, redis, "redis", "this version runs on one node only");
}

static void check_limits(struct reader *r)
{
    const struct chat_limits *l = &r->conf->limits;
    const config_setting_t *limits = config_lookup(r->conf->memory, "limits");
    if (limits != NULL && l->text_bytes >= l->message_bytes)
        fault(r, limits, "text_bytes", "must be less than message_bytes");
}

/* --- the file ------------------------------------------------------------------------------- */

static void read_all(struct reader *r)
{
    config_t *file = r->conf->memory;
    const config_setting_t *sync = config_lookup(file, "sync");
    read_group(r, config_root_setting(file), keys);
    read_group(r, member(r, "limits", true), limit_keys);
    read_group(r, member(r, "log", true), log_keys);
    if (sync != NULL)
        r->conf->sync_full = read_choice(r, sync, sync_choices, 0) == 1;
    read_listens(r);
    refuse_redis(r);
    read_rooms(r);
    check_rooms(r);
    check_limits(r);
    r->conf->origins = read_strings(r, "origins", NULL, 0);
    r->conf->reserved_nicks = read_strings(r, "reserved_nicks", default_reserved,
                                           sizeof default_reserved / sizeof *default_reserved);
}

int conf_load(struct conf *conf, const char *path, FILE *faults)
{
    struct reader r = {.conf = conf, .path = path == NULL ? "-" : path, .faults = faults};
    *conf = (struct conf){0};
    set_defaults(conf, keys);
    set_defaults(conf, limit_keys);
    set_defaults(conf, log_keys);
    config_t *file = calloc(1, sizeof *file);
    if (file == NULL)
        return 1;
    config_init(file);
    conf->memory = file;
    if (path != NULL && config_read_file(file, path) != CONFIG_TRUE) {
        fprintf(faults, "%s:%d: %s\n", path, config_error_line(file), config_error_text(file));
        r.count++;
    }
    read_all(&r);
    return r.count;
}

void conf_destroy(struct conf *conf)
{
    if (conf->memory != NULL)
        config_destroy(conf->memory);
    free(conf->memory);
    free(conf->listen);
    free(conf->rooms);
    free(conf->origins);
    free(conf->reserved_nicks);
    *conf = (struct conf){0};
}

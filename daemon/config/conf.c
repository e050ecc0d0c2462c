/* conf.c - see conf.h. The tables of keys, the lists, and the checks across keys. */
#include "conf.h"

#include "chat/base/json.h"
#include "chat/base/nick.h"
#include "chat/command/table.h"
#include "chat/model/config.h"
#include "reader.h"
#include "redis.h"
#include "value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME_BYTES_MAX  80 /* as a room's title */
#define NODE_BYTES_MAX  64
#define NODE_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
#define NODE_RULE       "a node's name has 1 to 64 of A-Z a-z 0-9 . _ -"
_Static_assert(NODE_BYTES_MAX <= NODE_NAME_MAX, "other nodes take it");

/* clang-format off */
static const char *const sync_choices[] = { "normal", "full", NULL };
static const char *const role_choices[] = { "member", "moderator", "admin", "nobody", NULL };
static const char *const level_choices[] = { "error", "warn", "info", "debug", NULL };

#define STRING(name, field, most, value)    KEY_OF_STRING(struct conf, name, field, most, value)
#define CHOICE_OF(in, name, field, choices, value) { name, KEY_CHOICE, offsetof(in, field), 0, 0, value, NULL, choices }
#define CHOICE(name, field, choices, value) CHOICE_OF(struct conf, name, field, choices, value)
#define LIMIT(name, field, min, max, value) KEY_OF_UNSIGNED(struct conf, name, field, min, max, value)
#define OTHER(name, type)                   { name, type, 0, 0, 0, 0, NULL, NULL }

static const struct key keys[] = {
    STRING("name", name, NAME_BYTES_MAX, "chatd"),
    STRING("state", state, PATH_BYTES_MAX, "/var/lib/chatd"),
    STRING("www", www, PATH_BYTES_MAX, "/usr/share/chatd/www"),
    CHOICE("create_rooms", create_rooms, role_choices, ROLE_MEMBER),
    STRING("control", control, UNIX_BYTES_MAX, NULL),
    STRING("node", node, PATH_BYTES_MAX, NULL),
    OTHER("sync", KEY_CHOICE), OTHER("redis", KEY_GROUP),
    OTHER("listen", KEY_LIST), OTHER("rooms", KEY_LIST), OTHER("origins", KEY_LIST),
    OTHER("reserved_nicks", KEY_LIST), OTHER("log", KEY_GROUP), OTHER("limits", KEY_GROUP),
    OTHER("photos", KEY_GROUP),
    {0},
};

static const struct key log_keys[] = {
    CHOICE("level", log_level, level_choices, LOG_LEVEL_INFO),
    {0},
};

static const struct key photo_keys[] = {
    LIMIT("quota_bytes", photo_quota.of_person, 0, 4000000000, 104857600),
    LIMIT("quota_bytes_per_address", photo_quota.of_address, 0, 4000000000, 1073741824),
    LIMIT("free_bytes", photo_free_bytes, 0, 4000000000, 268435456),
    {0},
};

static const struct key room_keys[] = {
    OTHER("name", KEY_LIST), OTHER("title", KEY_LIST), OTHER("topic", KEY_LIST),
    CHOICE_OF(struct conf_room, "post", post, role_choices, ROLE_MEMBER),
    {0},
};

static const struct key limit_keys[] = {
#define ROW(name, otherwise, least, most, ...) LIMIT(#name, limits.name, least, most, otherwise),
    CHAT_LIMITS(ROW)
#undef ROW
    {0},
};
/* clang-format on */

static const char *const default_reserved[] = {"admin",  "administrator", "moderator", "server",
                                               "system", "chatd",         "root"};

/* --- lists ---------------------------------------------------------------------------------- */

/* Each origin is a new string. */
static void read_origins(struct reader *r)
{
    config_setting_t *list = reader_member(r, "origins", false);
    size_t n = list == NULL ? 0 : (size_t)config_setting_length(list), kept = 0;
    char **all = calloc(n + 1, sizeof *all);
    for (size_t i = 0; all != NULL && i < n; i++) {
        struct why why = {"must be a list of strings"};
        const char *value = config_setting_get_string_elem(list, (int)i);
        if (value != NULL && value_origin(value, &all[kept], &why))
            kept++;
        else
            reader_fault(r, config_setting_get_elem(list, (unsigned)i), "origins", "%s", why.text);
    }
    r->conf->origins = (const char **)all;
}

static void read_reserved(struct reader *r)
{
    config_setting_t *list = reader_member(r, "reserved_nicks", false);
    struct nick_rules *rules = list == NULL ? NULL : nick_rules_create();
    size_t n = list == NULL ? sizeof default_reserved / sizeof *default_reserved
                            : (size_t)config_setting_length(list);
    const char **all = r->conf->reserved_nicks = calloc(n + 1, sizeof *all);
    for (size_t i = 0; all != NULL && i < n; i++) {
        struct why why = {"must be a list of strings"};
        const char *value =
            list == NULL ? default_reserved[i] : config_setting_get_string_elem(list, (int)i);
        if (list == NULL || (value != NULL && value_nick_ok(rules, value, &why)))
            *all++ = value;
        else
            reader_fault(r, config_setting_get_elem(list, (unsigned)i), "reserved_nicks", "%s",
                         why.text);
    }
    nick_rules_destroy(&rules);
}

/* A room of the configuration follows the rules of the command that creates one. */
static void read_room(struct reader *r, config_setting_t *s, struct conf_room *room)
{
    const struct field name = {"name", FIELD_ROOM, true, 0, 0};
    if (!config_setting_is_group(s)) {
        reader_fault(r, s, "rooms", "must be a list of groups");
        return;
    }
    reader_group(r, s, room_keys, room);
    if (config_setting_get_member(s, "name") == NULL)
        reader_fault(r, s, "name", "is missing");
    reader_lookup(r, s, &name, &room->name);
    room->title = room->name;
    reader_lookup(r, s, command_field("create", "title"), &room->title);
    reader_lookup(r, s, command_field("create", "topic"), &room->topic);
}

static void read_rooms(struct reader *r)
{
    config_setting_t *list = reader_member(r, "rooms", false);
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

/* --- checks across keys --------------------------------------------------------------------- */

static void check_rooms(struct reader *r)
{
    const config_setting_t *list = config_lookup(r->file, "rooms");
    for (size_t i = 0; i < r->conf->room_count; i++)
        for (size_t k = 0; k < i; k++)
            if (r->conf->rooms[i].name != NULL && r->conf->rooms[k].name != NULL &&
                strcmp(r->conf->rooms[i].name, r->conf->rooms[k].name) == 0)
                reader_fault(r, config_setting_get_elem(list, (unsigned)i), "name",
                             "there is another room of this name");
    if (r->conf->room_count > r->conf->limits.rooms)
        reader_fault(r, list, "rooms", "has %zu, but limits.rooms is %u", r->conf->room_count,
                     r->conf->limits.rooms);
}

static bool node_ok(const char *name)
{
    size_t n = strspn(name, NODE_CHARACTERS);
    return n > 0 && n <= NODE_BYTES_MAX && name[n] == '\0';
}

/* The default: the host's name, with '-' for each character that a node's name must not have. */
static void name_after_host(struct conf *conf)
{
    if (gethostname(conf->host, sizeof conf->host - 1) != 0 || conf->host[0] == '\0')
        strcpy(conf->host, "node");
    for (char *c = conf->host; *(c += strspn(c, NODE_CHARACTERS)) != '\0';)
        *c = '-';
    conf->node = conf->host;
}

static void check_node(struct reader *r)
{
    const config_setting_t *node = config_lookup(r->file, "node");
    if (node == NULL)
        name_after_host(r->conf);
    else if (r->conf->node != NULL && !node_ok(r->conf->node))
        reader_fault(r, node, "node", NODE_RULE);
}

static void check_limits(struct reader *r)
{
    const struct chat_limits *l = &r->conf->limits;
    const config_setting_t *limits = config_lookup(r->file, "limits");
    if (limits != NULL && l->text_bytes >= l->message_bytes)
        reader_fault(r, limits, "text_bytes", "must be less than message_bytes");
}

/* --- the file ------------------------------------------------------------------------------- */

static void read_all(struct reader *r)
{
    const config_setting_t *sync = config_lookup(r->file, "sync");
    reader_group(r, config_root_setting(r->file), keys, r->conf);
    reader_group(r, reader_member(r, "limits", true), limit_keys, r->conf);
    reader_group(r, reader_member(r, "log", true), log_keys, r->conf);
    reader_group(r, reader_member(r, "photos", true), photo_keys, r->conf);
    if (sync != NULL)
        r->conf->sync_full = reader_choice(r, sync, sync_choices, 0) == 1;
    r->conf->listen = conf_listen_read(r, &r->conf->listen_count);
    r->conf->redis = conf_redis_read(r);
    read_rooms(r);
    check_rooms(r);
    check_node(r);
    check_limits(r);
    read_origins(r);
    read_reserved(r);
}

/* line 0: the whole file. */
static int fail(struct reader *r, int line, const char *why)
{
    fprintf(r->faults, "%s:", r->path);
    if (line > 0)
        fprintf(r->faults, "%d:", line);
    fprintf(r->faults, " %s\n", why);
    r->count++;
    return -1;
}

static int line_of(const char *text, const char *at)
{
    int line = 1;
    while ((text = memchr(text, '\n', (size_t)(at - text))) != NULL)
        line++, text++;
    return line;
}

/* The whole file as a new string. Ends at a zero byte, which no text has. */
static int read_text(struct reader *r, char **text_out)
{
    size_t size = 1;
    char *text = *text_out = calloc(1, size);
    FILE *file = fopen(r->path, "re");
    if (text == NULL || file == NULL)
        return fail(r, 0, strerror(errno));
    errno = 0;
    ssize_t n = getdelim(text_out, &size, '\0', file);
    int why = errno;
    bool failed = ferror(file);
    fclose(file);
    text = *text_out;
    if (failed)
        return fail(r, 0, strerror(why));
    if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
        return fail(r, 1, "begins with a byte order mark: save it as UTF-8 without one");
    if (n > 0 && text[n - 1] == '\0')
        return fail(r, line_of(text, text + n), "has a zero byte: save it as UTF-8");
    return 0;
}

static void parse(struct reader *r)
{
    char *text = NULL;
    if (read_text(r, &text) == 0 && config_read_string(r->file, text) != CONFIG_TRUE) {
        const char *file = config_error_file(r->file);
        fprintf(r->faults, "%s:%d: %s\n", file == NULL ? r->path : file, config_error_line(r->file),
                config_error_text(r->file));
        r->count++;
    }
    free(text);
}

int conf_load(struct conf *conf, const char *path, FILE *faults)
{
    struct reader r = {.conf = conf, .path = path == NULL ? "-" : path, .faults = faults};
    *conf = (struct conf){0};
    reader_defaults(conf, keys);
    reader_defaults(conf, limit_keys);
    reader_defaults(conf, log_keys);
    reader_defaults(conf, photo_keys);
    config_t *file = calloc(1, sizeof *file);
    if (file == NULL)
        return 1;
    config_init(file);
    conf->memory = r.file = file;
    if (path != NULL)
        parse(&r);
    read_all(&r);
    return r.count;
}

int conf_override(struct conf *conf, const char *state, const char *node, FILE *faults)
{
    int count = 0;
    if (state != NULL)
        conf->state = state;
    if (node != NULL)
        conf->node = node;
    if (state != NULL && state[0] == '\0')
        count++, fprintf(faults, "--state: must not be empty\n");
    if (node != NULL && !node_ok(node))
        count++, fprintf(faults, "--node: %s\n", NODE_RULE);
    return count;
}

void conf_destroy(struct conf *conf)
{
    if (conf->memory != NULL)
        config_destroy(conf->memory);
    free(conf->memory);
    conf_redis_destroy(&conf->redis);
    free(conf->listen);
    free(conf->rooms);
    for (const char **origin = conf->origins; origin != NULL && *origin != NULL; origin++)
        free((char *)*origin);
    free(conf->origins);
    free(conf->reserved_nicks);
    *conf = (struct conf){0};
}

const struct conf_listen *conf_first_tls(const struct conf *conf)
{
    for (size_t i = 0; i < conf->listen_count; i++)
        if (conf->listen[i].tls_cert != NULL)
            return &conf->listen[i];
    return NULL;
}

/* conf.c - see conf.h. The tables of keys, the lists, and the checks across keys. */
#include "conf.h"

#include "chat/base/json.h"
#include "reader.h"
#include "redis.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NODE_BYTES_MAX  64
#define NODE_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
#define NODE_RULE       "a node's name has 1 to 64 of A-Z a-z 0-9 . _ -"

/* clang-format off */
static const char *const sync_choices[] = { "normal", "full", NULL };
static const char *const role_choices[] = { "member", "moderator", "admin", "nobody", NULL };
static const char *const level_choices[] = { "error", "warn", "info", "debug", NULL };

#define STRING(name, field, value)          KEY_OF_STRING(struct conf, name, field, value)
#define CHOICE(name, field, choices, value) { name, KEY_CHOICE, offsetof(struct conf, field), 0, 0, value, NULL, choices }
#define LIMIT(name, field, min, max, value) KEY_OF_UNSIGNED(struct conf, name, field, min, max, value)
#define OTHER(name, type)                   { name, type, 0, 0, 0, 0, NULL, NULL }

static const struct key keys[] = {
    STRING("name", name, "chatd"),
    STRING("state", state, "/var/lib/chatd"),
    STRING("www", www, "/usr/share/chatd/www"),
    CHOICE("create_rooms", create_rooms, role_choices, ROLE_MEMBER),
    STRING("control", control, NULL),
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
#define ROW(name, otherwise, least, most, ...) LIMIT(#name, limits.name, least, most, otherwise),
    CHAT_LIMITS(ROW)
#undef ROW
    {0},
};
/* clang-format on */

static const char *const default_reserved[] = {"admin",  "administrator", "moderator", "server",
                                               "system", "chatd",         "root"};

/* --- lists ---------------------------------------------------------------------------------- */

static const char **read_strings(struct reader *r, const char *name, const char *const *otherwise,
                                 size_t otherwise_count)
{
    config_setting_t *list = reader_member(r, name, false);
    size_t n = list == NULL ? otherwise_count : (size_t)config_setting_length(list), kept = 0;
    const char **all = calloc(n + 1, sizeof *all);
    for (size_t i = 0; all != NULL && i < n; i++) {
        const char *value =
            list == NULL ? otherwise[i] : config_setting_get_string_elem(list, (int)i);
        if (value != NULL)
            all[kept++] = value;
        else
            reader_fault(r, list, name, "must be a list of strings");
    }
    return all;
}

static void read_tls(struct reader *r, const config_setting_t *s, struct conf_listen *l)
{
    static const char *const known[] = {"cert", "key", NULL};
    config_setting_t *tls = config_setting_get_member(s, "tls");
    if (tls == NULL)
        return;
    if (!config_setting_is_group(tls) || !reader_lookup(tls, "cert", &l->tls_cert) ||
        !reader_lookup(tls, "key", &l->tls_key))
        reader_fault(r, tls, "tls", "needs the files \"cert\" and \"key\"");
    else
        reader_refuse_others(r, tls, known);
}

static void read_listen(struct reader *r, const config_setting_t *s, struct conf_listen *l)
{
    static const char *const known[] = {"address", "port", "unix", "tls", NULL};
    if (!config_setting_is_group(s)) {
        reader_fault(r, s, "listen", "must be a list of groups");
        return;
    }
    reader_refuse_others(r, s, known);
    read_tls(r, s, l);
    if (reader_lookup(s, "unix", &l->unix_path))
        return;
    reader_lookup(s, "address", &l->address);
    if (config_setting_lookup_int(s, "port", &l->port) != CONFIG_TRUE || l->port < 0 ||
        l->port > 65535)
        reader_fault(r, s, "port", "must be a whole number from 0 to 65535");
}

static void read_room(struct reader *r, const config_setting_t *s, struct conf_room *room)
{
    static const char *const known[] = {"name", "title", "topic", "post", NULL};
    const config_setting_t *post;
    if (!config_setting_is_group(s)) {
        reader_fault(r, s, "rooms", "must be a list of groups");
        return;
    }
    reader_refuse_others(r, s, known);
    if (!reader_lookup(s, "name", &room->name) || !room_name_ok(room->name))
        reader_fault(r, s, "name", "a room's name has 1 to 48 of a-z 0-9 - _");
    if (!reader_lookup(s, "title", &room->title))
        room->title = room->name;
    reader_lookup(s, "topic", &room->topic);
    post = config_setting_get_member(s, "post");
    if (post != NULL)
        room->post = reader_choice(r, post, role_choices, ROLE_MEMBER);
}

static void read_listens(struct reader *r)
{
    config_setting_t *list = reader_member(r, "listen", false);
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
    else if (r->conf->node != NULL && r->conf->node[0] != '\0' && !node_ok(r->conf->node))
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
    if (sync != NULL)
        r->conf->sync_full = reader_choice(r, sync, sync_choices, 0) == 1;
    read_listens(r);
    r->conf->redis = conf_redis_read(r);
    read_rooms(r);
    check_rooms(r);
    check_node(r);
    check_limits(r);
    r->conf->origins = read_strings(r, "origins", NULL, 0);
    r->conf->reserved_nicks = read_strings(r, "reserved_nicks", default_reserved,
                                           sizeof default_reserved / sizeof *default_reserved);
}

int conf_load(struct conf *conf, const char *path, FILE *faults)
{
    struct reader r = {.conf = conf, .path = path == NULL ? "-" : path, .faults = faults};
    *conf = (struct conf){0};
    reader_defaults(conf, keys);
    reader_defaults(conf, limit_keys);
    reader_defaults(conf, log_keys);
    config_t *file = calloc(1, sizeof *file);
    if (file == NULL)
        return 1;
    config_init(file);
    conf->memory = r.file = file;
    if (path != NULL && config_read_file(file, path) != CONFIG_TRUE) {
        fprintf(faults, "%s:%d: %s\n", path, config_error_line(file), config_error_text(file));
        r.count++;
    }
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
    free(conf->origins);
    free(conf->reserved_nicks);
    *conf = (struct conf){0};
}

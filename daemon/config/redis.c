/* redis.c - see redis.h. Checks that the password file can be read, but does not read it. */
#include "redis.h"

#include "reader.h"
#include "value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* clang-format off */
#define STRING(name, field, most, value)     KEY_OF_STRING(struct conf_redis, name, field, most, value)
#define NUMBER(name, field, min, max, value) KEY_OF_UNSIGNED(struct conf_redis, name, field, min, max, value)

static const struct key keys[] = {
    STRING("host",          host,          253,              "127.0.0.1"),
    STRING("unix",          unix_path,     UNIX_BYTES_MAX,   NULL),
    STRING("user",          user,          255,              NULL),
    STRING("password_file", password_file, PATH_BYTES_MAX,   NULL),
    STRING("prefix",        prefix,        REDIS_PREFIX_MAX, "chat:"),
    NUMBER("port",          port,            1,     65535,   6379),
    NUMBER("database",      database,        0,        15,      0),
    NUMBER("stream_events", stream_events,  10, 100000000, 100000),
    NUMBER("outbox",        outbox,          1,   1000000,  10000),
    NUMBER("key_seconds",   key_seconds,     1,     86400,    600),
    { "tls", KEY_GROUP, 0, 0, 0, 0, NULL, NULL }, /* known, so that check_tls() can say why not */
    {0},
};
/* clang-format on */

static void check_tls(struct reader *r, const config_setting_t *block)
{
    const config_setting_t *tls = config_setting_get_member(block, "tls");
    if (tls != NULL)
        reader_fault(r, tls, "tls",
                     "hiredis 0.14 of Debian 12 has none: use stunnel or a unix socket");
}

static void check_place(struct reader *r, const config_setting_t *block, struct conf_redis *redis)
{
    static const char *const tcp[] = {"host", "port"};
    const config_setting_t *path = config_setting_get_member(block, "unix");
    struct why why;
    if (path == NULL) {
        if (!value_host(redis->host, &why))
            reader_fault(r, config_setting_get_member(block, "host"), "host", "%s", why.text);
        return;
    }
    if (redis->unix_path != NULL && redis->unix_path[0] != '/')
        reader_fault(r, path, "unix", "\"%s\" must be a whole path, from / on", redis->unix_path);
    for (size_t i = 0; i < sizeof tcp / sizeof *tcp; i++) {
        const config_setting_t *s = config_setting_get_member(block, tcp[i]);
        if (s != NULL)
            reader_fault(r, s, tcp[i], "there is a unix socket already: one or the other");
    }
    redis->host = NULL;
}

/* No braces: in a Redis cluster they would move keys to other slots than those of their room. */
static void check_prefix(struct reader *r, const config_setting_t *block, const char *prefix)
{
    if (strpbrk(prefix, " {}") != NULL)
        reader_fault(r, config_setting_get_member(block, "prefix"), "prefix",
                     "must have no blanks and no braces");
}

/* AUTH takes both. A user of Redis without a password takes any. */
static void check_user(struct reader *r, const config_setting_t *block,
                       const struct conf_redis *redis)
{
    const config_setting_t *user = config_setting_get_member(block, "user");
    if (redis->user != NULL && strpbrk(redis->user, " \t") != NULL)
        reader_fault(r, user, "user", "must have no blanks");
    if (redis->user != NULL && config_setting_get_member(block, "password_file") == NULL)
        reader_fault(r, user, "user", "needs a `password_file`, else nobody signs in");
}

static void check_password(struct reader *r, const config_setting_t *block, const char *path)
{
    struct stat is;
    if (path == NULL)
        return;
    if (stat(path, &is) == 0 && S_ISDIR(is.st_mode))
        errno = EISDIR;
    else if (access(path, R_OK) == 0)
        return;
    reader_fault(r, config_setting_get_member(block, "password_file"), "password_file", "%s: %s",
                 path, strerror(errno));
}

struct conf_redis *conf_redis_read(struct reader *r)
{
    const config_setting_t *block = reader_member(r, "redis", true);
    struct conf_redis *redis = block == NULL ? NULL : calloc(1, sizeof *redis);
    if (redis == NULL) {
        r->count += block != NULL; /* out of memory is not "one node" */
        return NULL;
    }
    reader_defaults(redis, keys);
    reader_group(r, block, keys, redis);
    check_tls(r, block);
    check_place(r, block, redis);
    check_prefix(r, block, redis->prefix);
    check_user(r, block, redis);
    check_password(r, block, redis->password_file);
    return redis;
}

void conf_redis_destroy(const struct conf_redis **redis)
{
    free((void *)*redis);
    *redis = NULL;
}
